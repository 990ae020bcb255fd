"""The desks in force: the controller goes by those that were applied last (`ivr desks apply`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ivr.errors import FlowError
from ivr.switch import applied, desk_files
from ivr.switch.desks import Desks

_log = logging.getLogger(__name__)

SECONDS_PER_LOOK = 0.5
"""How soon what is applied is taken."""


class InForce:
    """The desks that calls go by now: called, it returns them. It tells of those that come."""

    def __init__(self, desks: Desks) -> None:
        self._desks = desks
        self._told: list[Callable[[Desks], None]] = []

    def __call__(self) -> Desks:
        return self._desks

    def take(self, desks: Desks) -> None:
        """Let calls go by these from now on."""
        self._desks = desks
        for told in self._told:
            told(desks)

    def tell(self, whom: Callable[[Desks], None]) -> None:
        """Tell somebody of the desks each time they are taken, from now on."""
        self._told.append(whom)


def at_start(desks: Path, agents: Path, etc: Path) -> Desks:
    """Return the desks of two files, or in the middle of an edit those that were applied last.

    Raises FlowError where neither can be read.
    """
    try:
        return desk_files.load(desks, agents)
    except FlowError:
        found = applied.read(etc)
        if found is None:
            raise
        _log.warning("the desks on disk have mistakes; calls go by those that were applied last")
        return found.desks


async def follow(etc: Path, take: Callable[[Desks], None]) -> None:
    """Hand over what is applied now, and whatever is applied later. Ends when cancelled.

    What cannot be read changes nothing.
    """
    seen = None
    while True:
        with suppress(OSError):
            stamp = (etc / applied.FILE).stat()
            mark = (stamp.st_mtime_ns, stamp.st_ino)
            if mark != seen:
                seen = mark
                found = await asyncio.to_thread(applied.read, etc)
                if found is None:
                    _log.error("%s cannot be read; the desks stay as they are", applied.FILE)
                else:
                    take(found.desks)
                    _log.info("calls go by the desks %s", ", ".join(found.desks.desks))
        await asyncio.sleep(SECONDS_PER_LOOK)
