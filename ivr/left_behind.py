"""Calls that a controller has left as it ended: led on, or their records closed with the truth.

Most come to a controller within seconds. Who waits in a queue or talks to an agent comes when that
is over, and may hang up before: so what is kept of her call is read from outside, while her channel
is there, and her record is made of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from ivr.desk.faults import AmiError
from ivr.desk.watch import Watch
from ivr.errors import IvrError
from ivr.flow.effects import Enqueue, Queued
from ivr.flow.opening import Opening
from ivr.flow.record import CallRecord
from ivr.flow.resume import resume
from ivr.flow.story import channel_of, number_of
from ivr.line import keeping
from ivr.live import Served
from ivr.meanwhile import again_and_again, meanwhile
from ivr.store.calls import Calls
from ivr.store.database import StoreError

_log = logging.getLogger(__name__)

# Seconds between two looks, for as long as calls of another controller are going on.
LOOK = 2.0
WHY = "the controller died, and the caller hung up before another led her on"


class OnSwitch(Protocol):
    """What the switch tells of channels. Raises AmiError."""

    async def channels(self) -> Mapping[str, str]:
        """Return the names of all channels by their unique ids."""

    async def variable(self, channel: str, name: str) -> str:
        """Return a variable of a channel, "" where there is none."""


class Journals(Protocol):
    """What the switch keeps of calls whose callers hung up while no controller led them."""

    async def records(self) -> Mapping[str, CallRecord]:
        """Return their records by the switch's names for them. Raises AmiError."""

    def take_away(self, name: str) -> None:
        """Have the switch forget one."""


@dataclass
class _Left:
    """What is kept of a call that nobody leads, and the agent who has answered her."""

    texts: list[str]
    agent: str = ""


class LeftBehind:
    """Closes records that stood open at a moment, when their channels are gone.

    What `is_led` is led on, and closes its record itself.
    """

    def __init__(
        self,
        calls: Calls,
        switch: OnSwitch,
        served: Served,
        is_led: Callable[[str], bool],
        journals: Journals,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._calls = calls
        self._switch = switch
        self._served = served
        self._is_led = is_led
        self._journals = journals
        self._clock = clock
        self._open: set[str] = set()
        self._left: dict[str, _Left] = {}

    async def find(self) -> None:
        """Take those that are open now, before the first call is led. Raises StoreError."""
        self._open = set(await self._calls.open())
        if self._open:
            _log.warning("the controller before has left %d calls", len(self._open))

    async def look(self) -> None:
        """Close those whose channels are gone. Raises StoreError and AmiError."""
        self._open -= {id for id in self._open if self._is_led(id)}
        # Before the journals: the switch keeps one as its channel goes.
        there = await self._switch.channels() if self._open else {}
        await self._write_down()
        for id in sorted(self._open):
            # One that was led on since the switch was asked may have ended in the meantime.
            if self._is_led(id):
                continue
            if channel_of(id) in there:
                await self._read(id, there[channel_of(id)])
            else:
                await self._close(id)
                self._open.discard(id)

    async def _write_down(self) -> None:
        for name, record in (await self._journals.records()).items():
            if self._is_led(record.id):
                continue
            known = await self._calls.find(record.id)
            if known is None or known.ended is None:
                await self._calls.write(record)
                _log.warning("call %s is written down by what was kept of it", record.id)
            self._open.discard(record.id)
            self._journals.take_away(name)

    @asynccontextmanager
    async def closing(self) -> AsyncIterator[None]:
        """Look again and again while the block runs."""
        pause = partial(asyncio.sleep, LOOK)
        said, known = "calls that were left are not closed: %s", (StoreError, AmiError)
        work = again_and_again(self.look, pause, _log.warning, said, *known)
        async with meanwhile(work, "calls that were left"):
            yield

    async def _read(self, id: str, channel: str) -> None:
        """Read what is kept of a call, once, and who has answered her by now."""
        if id not in self._left:
            place = keeping.place(await self._switch.variable(channel, keeping.AT))
            names = keeping.names(place) if place and place.part == number_of(id) else []
            texts = [await self._switch.variable(channel, name) for name in names]
            self._left[id] = _Left(texts)
        agent = await self._switch.variable(channel, "MEMBERNAME")
        self._left[id].agent = agent or self._left[id].agent

    async def _close(self, id: str) -> None:
        left, now = self._left.pop(id, _Left([])), self._clock()
        record = await self._record(id, left, now) if left.texts else None
        if record is None:
            await self._calls.close_left([id], "failed", WHY, now)
        else:
            await self._calls.write(record)
        _log.warning("call %s: its caller has hung up, and no controller led her", id)

    async def _record(self, id: str, left: _Left, now: datetime) -> CallRecord | None:
        """Return the record of a call that ended now; None where it cannot be made."""
        try:
            opening, _ = Opening.read(left.texts[0])
            edition = await self._served.again(opening.version, id)
            session = resume(left.texts, edition.project).journal.session
        except (IvrError, KeyError) as fault:
            _log.warning("what is kept of call %s cannot be read: %s", id, fault)
            return None
        if session.asked is None:
            return None
        if left.agent and isinstance(session.asked, Enqueue):
            session.answer(Queued("answered", left.agent, left=True), now)
        session.hang_up(now)
        return session.record if session.id == id else None


class Channels:
    """Channels of the switch whose AMI is watched."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def channels(self) -> Mapping[str, str]:
        """Return the names of all channels by their unique ids."""
        there = await self._watch.ami.actions({"Action": "CoreShowChannels"})
        return {each["Uniqueid"]: each["Channel"] for each in there if "Uniqueid" in each}

    async def variable(self, channel: str, name: str) -> str:
        """Return a variable of a channel, "" where there is none."""
        asked = {"Action": "Getvar", "Channel": channel, "Variable": name}
        return (await self._watch.ami.action(asked)).get("Value", "")
