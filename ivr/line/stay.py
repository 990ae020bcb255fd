"""Staying on a channel: she is in app_queue's hands, and hears and answers us over its music.

What is said is whispered onto her channel (`ivr/desk/whisper.py`), her keys are read from outside
(`ivr/desk/keys.py`). Both know when an agent has answered: the dialplan ends the whisper before the
two hear each other, whatever we do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ivr.desk.call_files import CallFiles
from ivr.desk.faults import AmiError
from ivr.desk.keys import KeyReader, Reading
from ivr.desk.whisper import end_whisper, whisper
from ivr.flow.effects import Heard, Play, Queued
from ivr.line.waits import Wait
from ivr.speech.compose import Timing
from ivr.speech.quiet import RATE

Act = Callable[[Mapping[str, str]], Coroutine[Any, Any, Mapping[str, str]]]

# Seconds from the call file to the first sample, and from a key to its being read: of what she was
# hearing then the earlier is taken.
STARTS, NOTICED = 0.03, 0.12
# Behind the last sample, so that nothing begins before it has been heard.
TAIL = 0.1
# A whisper that begins must not be ended in the place of one that was cut a moment before.
WHISPERS = 2


class Switch:
    """What is needed of the switch: its spool, keys read from outside, and actions of AMI."""

    def __init__(self, spool: Path, keys: KeyReader, act: Act) -> None:
        self.spool = CallFiles(spool)
        self.keys = keys
        self.act = act


class Stay:
    """One caller's wait in a queue; `queued` is what app_queue comes back with.

    `caller` is the unique id of her channel, `line` the switch's queue, `number` that of the last
    whisper.
    """

    def __init__(
        self,
        switch: Switch,
        reading: Reading,
        caller: str,
        line: str,
        queued: Coroutine[Any, Any, Queued],
        number: int = 0,
    ) -> None:
        self._switch = switch
        self._reading = reading
        self._caller = caller
        self._line = line
        self._number = number
        self._queued = asyncio.create_task(queued, name=f"{caller} waits in {line}")
        self._queued.add_done_callback(self._ended)

    @property
    def is_over(self) -> bool:
        """Whether an agent has answered her, or the queue has let her go."""
        return self._reading.is_answered or self._queued.done()

    @property
    def unread(self) -> int:
        """How many of her keys were read and have answered nothing yet."""
        return len(self._reading.keys)

    @property
    def seen(self) -> int:
        """How many of her keys were read."""
        return self._reading.seen

    def kept(self, texts: Sequence[str], waits: int, variable: str, form: str) -> Wait:
        """Return what another controller needs to go on here; of her keys it reads the unread."""
        return Wait(
            texts=tuple(texts),
            channel=self._reading.channel,
            line=self._line,
            waits=waits,
            variable=variable,
            seen=self.seen - self.unread,
            whisper=self._number,
            form=form,
        )

    async def play(self, play: Play, timing: Timing, sound: str) -> Heard:
        """Whisper an utterance; a key ends it, and one already there keeps it from starting."""
        await self._look()
        if self.is_over or self._reading.keys:
            return Heard(self._reading.take(), play.begin)
        self._number = (self._number + 1) % WHISPERS
        said = whisper(self._switch.spool, self._caller, sound, self._number)
        if not await self._is_sent(said):
            self._end_whisper()
            return Heard(self._reading.take(), play.begin)
        began, lasts = time.monotonic(), timing.length / RATE
        await self._news(STARTS + lasts + TAIL)
        heard = time.monotonic() - began - STARTS
        if heard >= lasts:
            return Heard(self._reading.take(), len(play.utterance))
        self._end_whisper()
        spot = timing.at(max(0, round((heard - NOTICED) * RATE)))
        return Heard(self._reading.take(), spot.item, spot.word)

    async def listen(self, seconds: float) -> str:
        """Wait for a key over the music."""
        await self._news(seconds)
        return self._reading.take()

    async def end(self, leaves: bool) -> Queued:
        """Return how the wait ends, once it has; ask for it if she leaves.

        app_queue looks for that once in a second, and never while a phone rings for her: the agent
        who picks up then has been quicker.
        """
        if leaves and not self.is_over:
            there = {"Queue": self._line, "Caller": self._reading.channel}
            with suppress(AmiError):  # she is there no more, and how that came is about to be told
                await self._switch.act({"Action": "QueueWithdrawCaller", **there})
        return await asyncio.shield(self._queued)

    def close(self) -> None:
        """Nobody asks for her any more. Safe more than once."""
        self._switch.keys.forget(self._reading)
        self._queued.cancel()

    async def _look(self) -> None:
        """Wait until what is known of her is new: not told so, she may be talking to an agent."""
        self._reading.looked.clear()
        self._switch.keys.hurry()
        await self._reading.looked.wait()

    async def _is_sent(self, asked: asyncio.Future[None]) -> bool:
        """Return whether the switch has it before she presses a key or the wait is over.

        Where the disk is slower it is called off. Raises OSError.
        """
        asked.add_done_callback(lambda _: self._reading.news.set())
        try:
            await self._news(None, asked.done)
            return asked.done() and asked.result() is None
        finally:
            asked.cancel()

    def _end_whisper(self) -> None:
        if not self._reading.is_answered:
            end_whisper(self._switch.spool, self._caller, self._number)

    async def _news(self, seconds: float | None, also: Callable[[], bool] = lambda: False) -> None:
        """Wait until she presses a key, the wait is over or something `also` is.

        For so many seconds at the most.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (self._reading.keys or self.is_over or also()):
                    self._reading.news.clear()
                    await self._reading.news.wait()

    def _ended(self, queued: asyncio.Task[Queued]) -> None:
        self._switch.keys.forget(self._reading)
        self._reading.news.set()
        self._reading.looked.set()
        if not queued.cancelled():
            queued.exception()  # whoever ends the wait is told; it may be that nobody does


class Waited:
    """A wait that was over when its controller came; `queued` tells with what.

    So many of her keys were `seen` in it.
    """

    is_over = True
    unread = 0

    def __init__(self, queued: Coroutine[Any, Any, Queued], seen: int) -> None:
        self._queued = queued
        self.seen = seen

    def kept(self, texts: Sequence[str], waits: int, variable: str, form: str) -> None:
        """Return nothing: her channel has her journal again as soon as this wait is told."""

    async def play(self, play: Play, timing: Timing, sound: str) -> Heard:
        """Return that nothing of it was heard."""
        return Heard("", play.begin)

    async def listen(self, seconds: float) -> str:
        """Return that no key came."""
        return ""

    async def end(self, leaves: bool) -> Queued:
        """Return how it ended. Raises LineLost."""
        return await self._queued

    def close(self) -> None:
        """Nobody asks for it any more. Safe more than once."""
        self._queued.close()
