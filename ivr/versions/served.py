"""By what new calls are led: what whoever provides it is asked for, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ivr.flow.record import CallRecord
from ivr.versions.edition import Edition


@dataclass(frozen=True)
class Led:
    """By what new calls are led: a version from `origin`, and the share of a canary in percent."""

    serves: str
    origin: str
    canary: str = ""
    share: int = 0
    trouble: str = ""


def shown(led: Led, files: str) -> str:
    """Say by what new calls are led; `files` is the version on disk, told where it is another."""
    beside = f", {led.share}% of calls by the canary {led.canary}" if led.canary else ""
    differ = ""
    if files != led.serves.removesuffix("-draft"):
        differ = f"; the files on disk are another version, {files}"
    trouble = f"; {led.trouble}" if led.trouble else ""
    return f"version {led.serves} ({led.origin}){beside}{differ}{trouble}"


class Served(Protocol):
    """Where a new call gets its edition from."""

    def take(self, call: str) -> Edition:
        """Return the edition that leads a new call, from its beginning to its end."""

    async def again(self, version: str, call: str) -> Edition:
        """Return the version that a call began with, or what leads new ones where it is no more."""

    async def over(self, record: CallRecord) -> None:
        """Take note of a call that is over. Raises StoreError."""

    async def follow(self) -> None:
        """Go on with what comes next, until cancelled."""

    def led(self) -> Led:
        """Return by what new calls are led just now."""
