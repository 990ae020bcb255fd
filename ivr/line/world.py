"""The world a session asks: a line to a caller, and back ends. `drive` is the only loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from ivr.desk.ledger import Fate
from ivr.flow.effects import (
    Announced,
    Book,
    Booked,
    Dial,
    Effect,
    EndWait,
    Enqueue,
    HangUp,
    Impossible,
    Interrupted,
    Listen,
    LookAhead,
    LookUp,
    Offered,
    Play,
    PlayBack,
    Queued,
    Record,
    Refused,
    Send,
    Staying,
    Waiting,
)
from ivr.flow.services import Failed
from ivr.line.passed import PassedOn
from ivr.line.ports import Answered, Around, BackEnds, Handover, Line, Walk
from ivr.wire.agi import LineLost

Wait = TypeVar("Wait", Queued, Queued | Staying)
Log = logging.Logger | logging.LoggerAdapter[logging.Logger]

_log = logging.getLogger(__name__)

NOTHING_AROUND, FROM_NOBODY = Around(), Handover()


class World:
    """One call's world: performs effects on a line and at back ends.

    Use it with `async with`: a question still under way is called off at the end.
    """

    def __init__(
        self,
        line: Line,
        back_ends: BackEnds,
        log: Log = _log,
        *,
        around: Around = NOTHING_AROUND,
        handover: Handover = FROM_NOBODY,
    ) -> None:
        self._line = line
        self._back_ends = back_ends
        self._log = log
        self._around = around
        self._tally = around.tally
        self._keep = handover.keep
        self._done = handover.done
        # The desk at which she stays while she is spoken to.
        self._stays = handover.stays
        self._asked: asyncio.Task[Any] | None = None

    async def __aenter__(self) -> World:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._stays and self._tally:
            self._tally.end(None)
        await self._call_off()

    async def perform(self, effect: Effect[Any]) -> Any:
        """Perform one effect and return its answer. Raises `LineLost` when the caller has gone.

        Where her wait ends meanwhile it is `Interrupted`.
        """
        if self._done:
            done, self._done = self._done, None
            if (answer := await done(effect)) is not None:
                return answer
        if isinstance(effect, LookUp | Send | Book):
            await self._keep()
        if not self._stays or isinstance(effect, EndWait):
            return await self._perform(effect)
        answer = await self._perform(effect)
        return Interrupted(answer) if self._line.is_over else answer

    async def _perform(self, effect: Effect[Any]) -> Any:
        match effect:
            case Announced():
                return self._around.announced(effect.place)
            case Play():
                return await self._line.play(effect)
            case Listen():
                return await self._line.listen(effect)
            case LookUp():
                return await self._look_up(effect)
            case Send():
                return await self._send(effect)
            case Book():
                return await self._book(effect)
            case PlayBack():
                return await self._line.play_back(effect)
            case Enqueue():
                return await self._enqueue(effect)
            case EndWait():
                return await self._end_wait(effect)
            case LookAhead():
                return self._around.ahead(self._stays)
            case Record():
                recorded = await self._line.record(effect)
                if self._tally and not recorded.silent:
                    self._tally.turn(Fate.LEFT_A_MESSAGE)
                return recorded
            case Dial():
                return await self._line.dial(effect)
            case HangUp():
                return await self._line.hang_up(effect)
        raise TypeError(f"no world can perform {effect!r}")

    async def _look_up(self, look_up: LookUp) -> Answered | Waiting:
        question = partial(self._back_ends.look_up, look_up.name, look_up.arguments, look_up.key)
        answer: Answered | Waiting = await self._ask(question, look_up)
        if isinstance(answer, Failed):
            # Of a service that is left alone one line was written, not one for each caller.
            level = logging.WARNING if answer.is_asked else logging.INFO
            self._log.log(level, "look-up %s failed: %s", look_up.name, answer.reason)
        return answer

    async def _send(self, send: Send) -> bool | Waiting:
        message = partial(self._back_ends.send, send.to, send.text, send.language, send.key)
        answer: Failed | Waiting | None = await self._ask(message, send)
        if isinstance(answer, Failed):
            level = logging.WARNING if answer.is_asked else logging.INFO
            self._log.log(level, "a message is not sent: %s", answer.reason)
        return answer if isinstance(answer, Waiting) else answer is None

    async def _book(self, book: Book) -> Offered | Booked | Refused | Impossible:
        if self._around.diary is None:
            return Impossible("no diary is kept here")
        answer = await self._around.diary.book(book)
        if isinstance(answer, Refused | Impossible):
            self._log.info("= no call back is promised: %s", answer.reason)
        elif self._tally and isinstance(answer, Booked):
            self._tally.turn(Fate.CALLED_BACK)
        return answer

    async def _enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        if self._tally and not self._tally.begin(enqueue.queue):
            full = Queued("full")
            self._tally.end(full)
            return full
        answer = await self._counted(self._line.enqueue(enqueue))
        if isinstance(answer, Staying):
            self._stays = enqueue.queue
        return answer

    async def _end_wait(self, end: EndWait) -> Queued:
        self._stays = ""
        return await self._counted(self._line.end_wait(end))

    async def _counted(self, wait: Coroutine[Any, Any, Wait]) -> Wait:
        """Return how a wait ended, and count it, unless she stays; unseen, if it was not seen."""
        queued: Queued | Staying | None = None
        try:
            queued = await wait
        except PassedOn as on:
            queued = Queued("answered", on.agent, talked=on.talked)
            raise
        finally:
            if self._tally and not isinstance(queued, Staying):
                self._tally.end(queued)
        return queued

    async def _ask(
        self, question: Callable[[], Coroutine[Any, Any, Any]], asked: LookUp | Send
    ) -> Any:
        """Return the answer to a question, or `Waiting` when its patience is over."""
        if not asked.still or self._asked is None:
            await self._call_off()
            self._asked = asyncio.ensure_future(question())
        gone = asyncio.ensure_future(self._line.gone.wait())
        try:
            await asyncio.wait(
                {self._asked, gone},
                timeout=asked.patience,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            gone.cancel()
        if self._asked.done():
            answer, self._asked = self._asked.result(), None
            return answer
        if self._line.gone.is_set():
            raise LineLost("the caller hung up while a back end was asked")
        return Waiting()

    async def _call_off(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._asked
            self._asked = None


async def drive(session: Walk, world: World, clock: Callable[[], datetime]) -> None:
    """Let a session walk in a world to its end; `session.record` is whole afterwards.

    The caller's hang-up ends it quietly. Cancelling closes the record and goes on being
    cancelled; what a node raises by a fault of ours is raised here, after the record is closed.
    """
    try:
        async with world:
            effect = session.begin(clock())
            while effect is not None:
                answer = await world.perform(effect)
                effect = session.answer(answer, clock())
    except PassedOn as on:
        session.pass_on(clock(), on.to, on.by, on.agent, on.talked)
    except LineLost:
        session.hang_up(clock())
    except asyncio.CancelledError:
        session.hang_up(clock(), "the hotline was shut down")
        raise
    except Exception as fault:
        session.fail(clock(), fault)
        raise
