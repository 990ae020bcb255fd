"""Drafts: what `ivr up --watch` found right on disk, handed to the controller as one file."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Self

from ivr.errors import IvrError
from ivr.flow.project import Sources
from ivr.flow.record import CallRecord
from ivr.switch.files import put
from ivr.versions.edition import Edition, Make
from ivr.versions.live import LOOK
from ivr.versions.served import Led

_log = logging.getLogger(__name__)

FILE = "draft.json"


def hand_over(state: Path, sources: Sources) -> None:
    """Let the controller of a state directory lead new calls by these texts. Raises OSError."""
    texts = {"flows": dict(sources.flows), "prompts": dict(sources.prompts)}
    put(state / FILE, json.dumps(texts))


class Drafts:
    """The newest draft of a state directory. Made by `start`."""

    def __init__(self, file: Path, make: Make, seen: object, edition: Edition) -> None:
        self._file = file
        self._make = make
        self._seen = seen
        self._edition = edition
        self._trouble = ""

    @classmethod
    async def start(cls, state: Path, make: Make) -> Self:
        """Begin with the draft that is there. Raises IvrError where it cannot lead calls."""
        file = state / FILE
        seen = _look(file)
        return cls(file, make, seen, await make(_sources(file)))

    def take(self, call: str) -> Edition:
        """Return the newest draft."""
        return self._edition

    async def again(self, version: str, call: str) -> Edition:
        """Return the newest draft: of others nothing is kept."""
        return self._edition

    async def over(self, record: CallRecord) -> None:
        """Take no note: a draft is compared with nothing."""

    async def follow(self) -> None:
        """Take each new draft, until cancelled; one that cannot lead calls changes nothing."""
        while True:
            await asyncio.sleep(LOOK)
            seen = _look(self._file)
            if seen != self._seen:
                self._seen = seen
                await self._renew()

    async def _renew(self) -> None:
        draft = "the draft"
        try:
            sources = _sources(self._file)
            draft = f"version {sources.version}"
            self._edition = await self._make(sources)
        except IvrError as fault:
            self._trouble = f"{draft} changes nothing: {fault}"
            _log.error("%s", self._trouble)
        except Exception as fault:  # one draft's fault must not keep the next from coming
            self._trouble = f"{draft} changes nothing: {type(fault).__name__}, a fault of ours"
            _log.exception("%s", self._trouble)
        else:
            self._trouble = ""
            _log.info("new calls are led by %s", self._edition.version)

    def led(self) -> Led:
        """Return by what new calls are led just now."""
        return Led(self._edition.version, "draft", trouble=self._trouble)


def _look(file: Path) -> object:
    """Return what is another whenever another file has been put there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _sources(file: Path) -> Sources:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Sources(dict(said["flows"]), dict(said["prompts"]))
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise IvrError(f"there is no draft to lead calls by in {file}: {fault}") from None
