"""A caller's finger: does on a phone what a test says, one act after the other."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from ivr.errors import IvrError
from ivr.phone import Call
from ivr.trial.acts import HANG_UP, SILENCE, Act

Moment = Callable[[Act], float | None]
"""Seconds from now at which an act that no clock times comes; None if it does not come here."""

# Seconds between two keys of one act: none, as in the simulator, where they come at once.
GAP = 0.0


class Presser:
    """Presses the keys of a test on a call that is answered, and hangs up where it says so."""

    def __init__(self, call: Call, acts: Iterable[Act]) -> None:
        self._call = call
        self._acts = deque(acts)
        self._began = self._last_act = time.monotonic()
        self._pressing: asyncio.Task[None] | None = None

    @property
    def left(self) -> tuple[Act, ...]:
        """What the caller has not done yet."""
        return tuple(self._acts)

    @asynccontextmanager
    async def acting(self, moment: Moment) -> AsyncIterator[None]:
        """Let what is due come while the block runs; keys that are being typed are typed out."""
        task = asyncio.create_task(self._act(moment))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def skip(self, does: str) -> bool:
        """Take the next act as done if it is this one and nothing is being typed."""
        is_typing = self._pressing is not None and not self._pressing.done()
        if is_typing or not self._acts or self._acts[0] != Act(does):
            return False
        self._acts.popleft()
        return True

    async def press(self, key: str) -> None:
        """Press a key that is no act of the test."""
        with contextlib.suppress(IvrError):  # the far side was faster
            await self._call.press(key)

    async def hang_up(self) -> None:
        """End the call."""
        await self._call.hang_up()

    async def _act(self, moment: Moment) -> None:
        while True:
            if self._pressing is not None:
                await asyncio.shield(self._pressing)
            delay = self._delay(self._acts[0], moment) if self._acts else None
            if delay is None:
                return
            await asyncio.sleep(delay)
            act = self._acts.popleft()
            self._pressing = asyncio.create_task(self._do(act))
            if not act.is_timed:
                return

    def _delay(self, act: Act, moment: Moment) -> float | None:
        if act.after is not None:
            return max(0.0, self._last_act + act.after - time.monotonic())
        if act.at is not None:
            return max(0.0, self._began + act.at - time.monotonic())
        return None if act.does == SILENCE else moment(act)

    async def _do(self, act: Act) -> None:
        self._last_act = time.monotonic()
        with contextlib.suppress(IvrError):  # the far side has hung up: the transcript tells
            if act.does == HANG_UP:
                await self._call.hang_up()
            else:
                await self._call.press(act.does, gap=GAP)
