"""Callers who wait in a queue and whose controller has died: they are told and asked as before.

app_queue has them, and nobody is asked for them before the wait is over. What they hear and press
over its music goes by other ways (`ivr/line/stay.py`), so their walks go on from the files of
`ivr/line/waits.py` as soon as another controller leads. As a wait ends, she comes back by the
dialplan like any call that is taken over, and is led on from her file.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress

from ivr.errors import IvrError
from ivr.flow.packing import Unreadable
from ivr.flow.story import channel_of, part
from ivr.line.keeping import QUEUEING, Place
from ivr.line.led import LedCall, Lines, clock
from ivr.line.waits import Wait
from ivr.line.world import World, drive
from ivr.records.callbook import CallBook
from ivr.takeover.resuming import Kept, led_on
from ivr.versions.served import Served
from ivr.wire.agi import Command, Reply

_log = logging.getLogger(__name__)

# Seconds that a disk has to tell of those who wait: the others are not led meanwhile.
PATIENCE = 1.0

WorldOf = Callable[[LedCall, str], World]
"""Makes the world of a caller who waits, on a channel of this name."""


class Nobody:
    """The wire of a channel that app_queue has: whoever asks for something waits for ever."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self.clock = time.monotonic

    async def command(self, command: Command, *, secret: bool = False, dead: bool = False) -> Reply:
        """Wait until cancelled."""
        await asyncio.Event().wait()
        raise AssertionError


class WaitingOn:
    """Leads them until they come back or have gone, each in her `world`."""

    def __init__(self, calls: CallBook, served: Served, lines: Lines, world: WorldOf) -> None:
        self._calls = calls
        self._served = served
        self._lines = lines
        self._waits = lines.waits
        self._world = world
        self._walks: dict[str, asyncio.Task[None]] = {}

    async def begin(self, there: Collection[str]) -> None:
        """Lead on all of whom there is a file; of others than those who are `there` it goes."""
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.to_thread(self._waits.load)
        except (OSError, TimeoutError) as fault:
            _log.error("of callers who wait nothing is known: %s", str(fault) or "the disk hangs")
        for call in self._waits.calls():
            wait = self._waits.read(call)
            if call in there and wait:
                walk = asyncio.create_task(self._lead(call, wait), name=f"{call} waits on")
                self._walks[call] = walk
            else:
                self._waits.drop(call)

    async def comes(self, channel: str, place: Place | None) -> Wait | None:
        """Lead her on no more: the dialplan brings her. Return what is kept of her wait, if any."""
        for call in [call for call in self._walks if channel_of(call) == channel]:
            await self._stop(call)
        if place is None or place.doing != QUEUEING:
            return None
        wait = self._waits.read(part(channel, place.part))
        return wait if wait and wait.waits == place.waits else None

    async def has_gone(self, call: str) -> None:
        """Forget a call whose record is closed."""
        await self._stop(call)
        self._waits.drop(call)

    async def close(self) -> None:
        """Leave them to the next controller."""
        for call in list(self._walks):
            await self._stop(call)
        await asyncio.to_thread(self._waits.close)

    async def _stop(self, call: str) -> None:
        if walk := self._walks.pop(call, None):
            walk.cancel()
            await asyncio.wait([walk])

    async def _lead(self, call: str, wait: Wait) -> None:
        channel = channel_of(call)
        try:
            taken, edition = await led_on(wait.texts, self._served, channel)
        except (Unreadable, KeyError, IvrError) as fault:
            _log.error("call %s waits on with music alone: %s", call, fault)
            return
        session = taken.journal.session
        if taken.lost or not session.stays:
            _log.warning("call %s waits on with music alone: %s", call, taken.lost)
            return
        line = self._lines.line(Nobody(), edition.speaker, call)
        log = logging.LoggerAdapter(_log, {"call": channel})
        log.info("= a caller who waits is led on at '%s'", session.node)
        now = clock()
        with suppress(asyncio.CancelledError), self._calls.open(session, is_led=False):
            try:
                line.wait_on(channel, wait)
                led = LedCall(session, line, edition.services, now, log)
                world = self._world(led, wait.channel)
                await drive(Kept(taken.journal, line, _always), world, now)
            except asyncio.CancelledError:
                raise
            except Exception:  # a fault of ours ends her walk, never her wait
                log.exception("call %s waits on with music alone", call)
            finally:
                line.close()


def _always() -> bool:
    return True
