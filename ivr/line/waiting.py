"""A caller on a channel who waits in queues: handed over, told and asked meanwhile, taken up again.

While app_queue has her no command reaches her channel. She hears only its music, or she stays in
our hands (`ivr/line/stay.py`): then her keys are read from outside, and she is whispered to.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace

from ivr.desk import lines
from ivr.desk.keys import CHANNEL
from ivr.desk.whisper import end_whisper
from ivr.flow.effects import EndWait, Enqueue, Queued, Staying
from ivr.line.leg import Leg
from ivr.line.queueing import Queueing
from ivr.line.stay import WHISPERS, Stay, Switch, Waited
from ivr.line.waits import Wait, Waits
from ivr.wire import agi
from ivr.wire.agi import Command


class Waiting:
    """The waits of one part of a call; `record` is the name of its record.

    Without a `switch` nobody stays in our hands; in `waits` is kept what comes of it.
    """

    def __init__(self, leg: Leg, record: str, switch: Switch | None, waits: Waits | None) -> None:
        self._leg = leg
        self._record = record
        self._switch = switch
        self._waits = waits
        self._queueing = Queueing(leg, record)
        self._was_answered = False
        self.stay: Stay | Waited | None = None
        """The wait in which she stays in our hands, from `enqueue` until `end`."""

    @property
    def count(self) -> int:
        """How often she came to a queue."""
        return self._queueing.waits

    @property
    def is_over(self) -> bool:
        """Whether the wait she stays in is over."""
        return self.stay is not None and self.stay.is_over

    def close(self) -> None:
        """Nothing more is asked; whoever waits goes on waiting. Safe more than once."""
        if self.stay:
            self.stay.close()

    def keep(self, texts: Sequence[str]) -> None:
        """Keep the call's journal in a file while she stays."""
        if self.stay and self._waits:
            form, variable = self._leg.form, self._leg.keys.variable
            if kept := self.stay.kept(texts, self.count, variable, form):
                self._waits.keep(self._record, kept)

    def take_up(self, count: int) -> None:
        """Go on where another controller was, when she had come to a queue so often."""
        self._queueing.take_up(count, recorded=False)

    def wait_on(self, caller: str, wait: Wait) -> None:
        """Go on with a wait in which she stays, where `caller` is the unique id of her channel."""
        assert self._switch is not None  # it is that of one who is told and asked meanwhile
        place = re.fullmatch("IVR_KEYS_([0-9]+)", wait.variable)
        self._leg.keys.take_up(int(place[1]) if place else 0, wait.seen)
        self.take_up(wait.waits)
        self._leg.variables.form = wait.form
        reading = self._switch.keys.follow(wait.channel, wait.variable, wait.seen)
        number = (wait.whisper + 1) % WHISPERS
        # What the other controller may have begun to say is said again, from its beginning.
        end_whisper(self._switch.spool, caller, number)
        self.stay = Stay(self._switch, reading, caller, wait.line, _for_ever(), number)

    def has_waited(self, wait: Wait, enqueue: Enqueue) -> None:
        """Go on where app_queue has let her go, in the wait she stayed in."""
        self._queueing.take_up(wait.waits, enqueue.recorded)
        self.stay = Waited(self._came_back(), wait.seen)

    async def enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        """Hand the channel to app_queue; its thread keeps the caller even if we die meanwhile.

        While she stays in our hands her keys are kept on; nobody reads what she presses once an
        agent has answered. Raises `PassedOn` when an agent has passed her on, and LineLost.
        """
        stays = enqueue.stays and self._switch is not None
        if not stays:
            await self._leg.keys.drop()
        command = await self._queueing.prepare(enqueue, stays)
        wanted = lines.line(enqueue.queue, enqueue.skills)
        if not stays or self._switch is None:
            return await self._wait_out(command, keeps_keys=False)
        names = "UNIQUEID", "CHANNEL(name)", f"QUEUE_EXISTS({wanted})"
        caller, channel, exists = await self._leg.variables.read(*names)
        line = wanted if exists == "1" else enqueue.queue
        wait = self._wait_out(command, keeps_keys=True)
        if not CHANNEL.fullmatch(channel):  # one half of a Local channel, say
            return await wait
        reading = self._switch.keys.follow(channel, self._leg.keys.variable, self._leg.keys.seen)
        self.stay = Stay(self._switch, reading, caller, line, wait)
        return Staying()

    async def end(self, end: EndWait) -> Queued:
        """Leave the queue, or let the wait come to its end, the talk with an agent included.

        Raises as `enqueue`.
        """
        assert self.stay is not None  # she stays
        try:
            queued = await self.stay.end(end.leaves)
        finally:
            if not self._was_answered:
                self._leg.keys.seen = self.stay.seen - self.stay.unread
            self.stay = None
        if self._waits:
            self._waits.drop(self._record)
        return queued

    async def came_of(self, enqueue: Enqueue) -> Queued | None:
        """Return what came of a wait whose controller died in it; None where there was none.

        Raises as `enqueue`.
        """
        self._queueing.take_up(self.count, enqueue.recorded)
        queued = await self._queueing.waited(0)
        if queued is None:
            return None
        if enqueue.stays and not queued.agent:
            await self._leg.keys.take()
        return await self._waited(queued, keeps_keys=enqueue.stays)

    async def _came_back(self) -> Queued:
        self._was_answered = True
        queued = await self._queueing.waited(0)
        return await self._waited(queued or Queued("unanswered"), keeps_keys=True)

    async def _wait_out(self, queue: Command, keeps_keys: bool) -> Queued:
        """Let app_queue have her; return what came of it."""
        self._was_answered = True
        return await self._waited(await self._queueing.wait(queue), keeps_keys)

    async def _waited(self, queued: Queued, keeps_keys: bool) -> Queued:
        self._was_answered = bool(queued.agent)
        with contextlib.suppress(agi.LineLost):
            await self._queueing.end()
            if queued.agent and keeps_keys:
                # What she pressed while she talked was the agent's, or her own.
                await self._leg.keys.drop()
                await self._leg.variables.set(self._leg.keys.variable, "")
            if queued.agent or not keeps_keys:
                await self._leg.keys.keep()
        return replace(queued, left=self._leg.wire.lost.is_set())


async def _for_ever() -> Queued:
    await asyncio.Event().wait()
    raise AssertionError
