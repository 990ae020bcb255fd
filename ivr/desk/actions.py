"""What others need of the link to the switch: actions of AMI. Each may raise `AmiError`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Acts(Protocol):
    """Takes one action, and gives the response to it."""

    async def action(self, headers: Mapping[str, str]) -> dict[str, str]: ...


class Lists(Protocol):
    """Takes an action that is answered by a list, and gives its items."""

    async def actions(self, headers: Mapping[str, str]) -> list[dict[str, str]]: ...


class ActsAndLists(Acts, Lists, Protocol):
    """Takes both."""
