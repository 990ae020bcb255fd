"""Calls that a controller has left as it ended: their records are closed with the truth.

Most come to another controller within seconds, and are led on. Of who hangs up before, the switch
keeps what her channel held, and her record is made of it (`ivr/takeover/left_journals.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from ivr.desk.faults import AmiError
from ivr.desk.watch import Watch
from ivr.flow.record import CallRecord
from ivr.flow.story import channel_of
from ivr.meanwhile import again_and_again, meanwhile
from ivr.store.calls import Calls
from ivr.store.database import StoreError

_log = logging.getLogger(__name__)

# Seconds between two looks, for as long as calls of another controller are going on.
LOOK = 2.0
# The switch died as well, or what it kept cannot be read.
WHY = "the controller or the switch died, and nothing is left that tells what became of the call"


async def _nothing(_id: str) -> None:
    pass


class OnSwitch(Protocol):
    """What the switch tells of channels."""

    async def channels(self) -> Collection[str]:
        """Return the unique ids of all channels. Raises AmiError."""


class Journals(Protocol):
    """What the switch keeps of calls whose callers hung up while no controller led them."""

    async def records(self) -> Mapping[str, CallRecord]:
        """Return their records by the switch's names for them. Raises AmiError."""

    def take_away(self, name: str) -> None:
        """Have the switch forget one."""


class LeftBehind:
    """Closes records of calls whose callers hung up while no controller led them.

    What `is_led` is led on, and closes its record itself. `over` is told what is closed here.
    """

    def __init__(
        self,
        calls: Calls,
        switch: OnSwitch,
        is_led: Callable[[str], bool],
        journals: Journals,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        over: Callable[[str], Awaitable[None]] = _nothing,
    ) -> None:
        self._calls = calls
        self._switch = switch
        self._is_led = is_led
        self._journals = journals
        self._over = over
        self._clock = clock
        self._open: set[str] = set()

    async def find(self) -> None:
        """Take those that are open now, before the first call is led. Raises StoreError."""
        self._open = set(await self._calls.open())
        if self._open:
            _log.warning("the controller before has left %d calls", len(self._open))

    @property
    def open(self) -> Collection[str]:
        """Those of which nothing became yet."""
        return self._open

    async def look(self) -> None:
        """Write down what the switch has kept, and close those of which there is nothing.

        Raises StoreError and AmiError.
        """
        self._open -= {id for id in self._open if self._is_led(id)}
        # Before the journals: the switch keeps one before its channel goes.
        there = await self._switch.channels() if self._open else ()
        await self._write_down()
        # One that was led on since the switch was asked may have ended in the meantime.
        gone = {id for id in self._open if channel_of(id) not in there and not self._is_led(id)}
        if gone:
            closed = await self._calls.close_left(sorted(gone), "failed", WHY, self._clock())
            _log.warning("%d calls are over, and nothing is left of them", closed)
            self._open -= gone
            for id in gone:
                await self._over(id)

    async def _write_down(self) -> None:
        for name, record in (await self._journals.records()).items():
            if self._is_led(record.id):
                continue
            known = await self._calls.find(record.id)
            if known is None or known.ended is None:
                await self._calls.write(record)
                _log.warning("call %s is written down by what was kept of it", record.id)
            self._open.discard(record.id)
            await self._over(record.id)
            self._journals.take_away(name)

    @asynccontextmanager
    async def closing(self) -> AsyncIterator[None]:
        """Look again and again while the block runs."""
        pause = partial(asyncio.sleep, LOOK)
        said, known = "calls that were left are not closed: %s", (StoreError, AmiError)
        work = again_and_again(self.look, pause, _log.warning, said, *known)
        async with meanwhile(work, "calls that were left"):
            yield


class Channels:
    """Channels of the switch whose AMI is watched."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def channels(self) -> Collection[str]:
        """Return the unique ids of all channels. Raises AmiError."""
        there = await self._watch.ami.actions({"Action": "CoreShowChannels"})
        return {each["Uniqueid"] for each in there if "Uniqueid" in each}
