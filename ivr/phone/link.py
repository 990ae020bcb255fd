"""The line to the SIP stack's process: orders down, events up, and its start and end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import ivr
from ivr.errors import IvrError
from ivr.phone.wire import Event, Field, decode_event, encode

_START_SECONDS = 10.0
_ORDER_SECONDS = 5.0
_CLOSE_SECONDS = 2.0
_LINE_LIMIT = 1 << 20


class Link:
    """A running SIP stack.

    `note` is called with each event, `broken` once with the reason when no more will come.
    """

    def __init__(self, note: Callable[[Event], None], broken: Callable[[str], None]) -> None:
        self.started = time.monotonic()
        self._note = note
        self._broken = broken
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Event]] = {}

    async def open(self, settings: Mapping[str, Field]) -> Event:
        """Start the process; return its first answer. Raises IvrError when it does not come."""
        here = str(Path(ivr.__file__).parent.parent)
        path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "ivr.phone.softphone"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            limit=_LINE_LIMIT,
            start_new_session=True,  # Ctrl-C is for us; the stack ends when its input does
        )
        self._listening = asyncio.create_task(self._listen())
        try:
            return await self._ask(_START_SECONDS, **settings)
        except BaseException:
            await self.close()
            raise

    async def order(self, what: str, **fields: Field) -> Event:
        """Have something done and return the answer; raises IvrError when it is refused."""
        return await self._ask(_ORDER_SECONDS, do=what, **fields)

    async def close(self) -> None:
        """End the process, which hangs up; it is killed if it takes more than two seconds."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        try:
            await asyncio.wait_for(self._child.wait(), _CLOSE_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
            await self._child.wait()
        await self._listening

    async def _ask(self, seconds: float, **fields: Field) -> Event:
        number = next(self._numbers)
        answer: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(encode({"id": number, **fields}))
            event = await asyncio.wait_for(answer, seconds)
        except TimeoutError:
            raise IvrError(f"the phone did not answer within {seconds:g} s") from None
        finally:
            del self._answers[number]
        if event.name == "refused":
            raise IvrError(f"the phone cannot do that: {event.text('why')}")
        return event

    async def _listen(self) -> None:
        assert self._child.stdout is not None
        why = "its SIP stack has ended"
        try:
            while line := await self._child.stdout.readline():
                self._take(decode_event(line, self.started))
        except (IvrError, ValueError) as error:  # ValueError: a line over the limit
            why = str(error)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(IvrError(f"the phone cannot do that: {why}"))
        self._broken(why)

    def _take(self, event: Event) -> None:
        if event.name not in ("done", "refused"):
            self._note(event)
            return
        answer = self._answers.get(event.number("id"))
        if answer is not None and not answer.done():
            answer.set_result(event)
