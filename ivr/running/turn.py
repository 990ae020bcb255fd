"""Whose turn it is: of the controllers of one state directory one leads calls, others stand by.

The turn is a lock of the kernel, which it takes away from a process at its death, however that
came: there are never two, and never none for longer than a look. A second lock tells that somebody
stands by.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from ivr.meanwhile import meanwhile
from ivr.running.heartbeat import Watchdog, beat

_log = logging.getLogger(__name__)

TURN, STANDBY = "turn.lock", "standby.lock"
# Seconds between two looks of who stands by. A process that waits in the kernel for the lock would
# get it also while it is stopped.
LOOK = 0.03


class Turn:
    """The turn to lead calls, held while the block runs. Entering it waits until it is ours."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self.is_ours = False

    async def __aenter__(self) -> Self:
        """Wait for the turn, watching whoever has it; then let the others hear that we live."""
        self._lock = _open(self._state, TURN)
        try:
            if not _taken(self._lock):
                await self._stand_by()
        except BaseException:
            os.close(self._lock)
            raise
        self.is_ours = True
        self._beating = asyncio.create_task(beat(self._state), name="heartbeat")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Give the turn to whoever stands by."""
        self._beating.cancel()
        await asyncio.wait([self._beating])
        os.close(self._lock)

    async def _stand_by(self) -> None:
        _log.info("= standing by: another controller leads the calls")
        place = _open(self._state, STANDBY)
        try:
            async with meanwhile(Watchdog(self._state, "standby").watch(), "watchdog"):
                # Of several who stand by, one is told of; each is ready.
                while not _taken(self._lock):
                    _taken(place)
                    await asyncio.sleep(LOOK)
        finally:
            os.close(place)
        _log.warning("the controller before has gone; this one takes over")


def somebody_stands_by(state: Path) -> bool:
    """Tell whether a controller is ready to take over on this state directory."""
    place = _open(state, STANDBY)
    try:
        return not _taken(place)
    finally:
        os.close(place)


def _open(state: Path, name: str) -> int:
    # For reading: who goes on must not need a disk that can be written to.
    return os.open(state / name, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
