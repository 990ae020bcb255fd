"""The line of a real call that is a test: an Asterisk channel, and a caller who acts on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Protocol

from ivr.errors import IvrError
from ivr.flow.effects import (
    Dial,
    DialOutcome,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Listen,
    Play,
    PlayBack,
    Queued,
    Record,
    Recorded,
    Staying,
)
from ivr.flow.speech import Clip
from ivr.line.channel import ChannelLine
from ivr.phone import Phone
from ivr.speech.compose import words
from ivr.speech.quiet import RATE
from ivr.speech.speaker import Speaker
from ivr.testcalls.presser import Presser
from ivr.trial.acts import HANG_UP, Act
from ivr.trial.given import Given
from ivr.trial.simulation import RECORDING
from ivr.trial.speaking import Course

# Seconds: until a person answers a question, before the end of what is said at which a key comes
# that "cuts its last words", how long a message and a talk are, and how long nobody answers.
# A key is 0.1 s long, and stops the sound some 0.05 s after its end.
REACTION, LAST_WORDS, MESSAGE, TALK, UNANSWERED = 0.3, 0.22, 2.0, 1.0, 6.0
RINGS_WITHIN = 10.0


class Desk(Protocol):
    """Who can be reached in this test: one agent, alone in every queue."""

    number: str

    def queue(self, name: str) -> str:
        """Return what the switch calls a queue of the flows, in this test."""

    def on_duty(self) -> AbstractAsyncContextManager[Phone]:
        """Give the agent's phone, registered, while the block runs."""


class TestLine:
    """A channel whose caller does what her test says, and whose agents do what is given."""

    __test__ = False  # no class of pytest's

    def __init__(
        self, line: ChannelLine, speaker: Speaker, presser: Presser, given: Given, desk: Desk
    ) -> None:
        self._line = line
        self._speaker = speaker
        self._presser = presser
        self._given = given
        self._desk = desk
        self._recorded = ""
        # While she stays in a queue: the agent who is given there, and what ends with the wait.
        self._agent, self._waiting = "", AsyncExitStack()

    @property
    def gone(self) -> asyncio.Event:
        """Set when the caller has gone."""
        return self._line.gone

    async def play(self, play: Play) -> Heard:
        """Say it; a key comes at its place of the real sound."""
        async with self._presser.acting(lambda act: self._moment(play, act)):
            return await self._line.play(play)

    async def listen(self, listen: Listen) -> str:
        """Wait for a key, which comes soon, or is a silence of the test."""
        silent = not listen.rests and self._presser.skip("-")
        async with self._presser.acting(
            lambda act: (
                None if silent or listen.rests or act.during else min(REACTION, listen.seconds / 2)
            )
        ):
            return await self._line.listen(listen)

    async def record(self, record: Record) -> Recorded:
        """Record a message; who speaks ends it with #, as the beep asked her to."""
        self._presser.skip("#")
        there = replace(record, instead=self._recorded if record.instead else "")
        async with self._meanwhile(self._ends_message() if self._given.recording else None):
            recorded = await self._line.record(there)
        if recorded.silent:
            return recorded
        # What a back end is told of it is given: by the name a simulated recording has.
        self._recorded = recorded.file
        return replace(recorded, file=RECORDING)

    async def play_back(self, play_back: PlayBack) -> str:
        """Let her hear what she has spoken."""
        async with self._presser.acting(lambda act: None):
            return await self._line.play_back(replace(play_back, file=self._recorded))

    @property
    def is_over(self) -> bool:
        """Whether the wait she stays in is over."""
        return self._line.is_over

    async def enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        """Hand the channel to a queue in which the agent does as is given."""
        queued, after = self._given.queued(enqueue.queue, enqueue.longest)
        if queued.outcome == "full":
            raise IvrError("a full queue is for the simulator only: it takes a queue of callers")
        # As in simulated time: whom an agent answers at once hears nothing of the wait.
        stays = enqueue.stays and after > 0
        there = replace(enqueue, queue=self._desk.queue(enqueue.queue), stays=stays)
        if queued.outcome == "closed":
            return await self._line.enqueue(there)
        if queued.outcome == "unanswered" and not stays:
            there = replace(there, longest=self._shortened(enqueue.longest))
        async with AsyncExitStack() as stack:
            phone = await stack.enter_async_context(self._desk.on_duty())
            answers = self._answers(phone, after) if queued.outcome == "answered" else None
            # Who stays acts by her clock while she is spoken to.
            meanwhile = self._beside if stays else self._meanwhile
            await stack.enter_async_context(meanwhile(answers))
            self._agent = queued.agent
            served = await self._line.enqueue(there)
            if isinstance(served, Staying):
                self._waiting = stack.pop_all()
                return served
        return self._named(served)

    async def end_wait(self, end: EndWait) -> Queued:
        """Leave the queue, or wait to its end."""
        async with self._waiting, self._presser.acting(lambda act: None):
            return self._named(await self._line.end_wait(end))

    def _named(self, served: Queued) -> Queued:
        """Name the agent as is given."""
        return replace(served, agent=self._agent if served.agent else "")

    async def dial(self, dial: Dial) -> DialOutcome:
        """Ring the agent's phone in place of the number."""
        outcome, after = self._given.dialled(dial.number, dial.longest)
        if outcome == "failed":
            return await self._line.dial(replace(dial, number="0"))
        there = replace(dial, number=self._desk.number)
        if outcome == "unanswered":
            there = replace(there, longest=self._shortened(dial.longest))
        async with self._desk.on_duty() as phone:
            does = {"answered": self._answers(phone, after), "busy": self._refuses(phone)}
            async with self._meanwhile(does.get(outcome)):
                return await self._line.dial(there)

    async def hang_up(self, hang_up: HangUp) -> None:
        """End the call."""
        await self._line.hang_up(hang_up)

    def _moment(self, play: Play, act: Act) -> float | None:
        """Return when an act comes in the real sound, which the course only estimates."""
        course = Course(play)
        estimate = course.moment(act, play.takes)
        if estimate is None:
            return None
        timing, _ = self._speaker.sound(play.utterance, play.speed, play.begin)
        bounds = [at / RATE for at in (*timing.starts, timing.length)]
        if act.during:
            item, word = course.at(estimate)
            clip = play.utterance[item]
            share = word / max(1, len(words(clip))) if isinstance(clip, Clip) else 0.0
            return bounds[item] + share * (bounds[item + 1] - bounds[item])
        spoken = [i for i, item in enumerate(play.utterance) if isinstance(item, Clip)]
        last = max([play.begin, *spoken])
        return max(bounds[last] + 0.05, bounds[last + 1] - LAST_WORDS)

    def _shortened(self, longest: float) -> float:
        """Return how long nobody answers: no longer than needed, unless she acts by a clock."""
        is_timed = any(act.is_timed for act in self._presser.left)
        return longest if is_timed else min(UNANSWERED, longest)

    @asynccontextmanager
    async def _meanwhile(self, others: asyncio.Future[None] | None) -> AsyncIterator[None]:
        """Let somebody else act while the block runs, and the caller by her clock."""
        async with self._beside(others), self._presser.acting(lambda act: None):
            yield

    @asynccontextmanager
    async def _beside(self, others: asyncio.Future[None] | None) -> AsyncIterator[None]:
        """Let somebody else act while the block runs."""
        try:
            yield
        finally:
            if others is not None:
                others.cancel()
                await asyncio.gather(others, return_exceptions=True)

    def _ends_message(self) -> asyncio.Task[None]:
        async def end() -> None:
            await asyncio.sleep(min(MESSAGE, self._given.recording))
            await self._presser.press("#")

        return asyncio.create_task(end())

    def _answers(self, phone: Phone, after: float) -> asyncio.Task[None]:
        async def answer() -> None:
            call = await phone.rings(within=RINGS_WITHIN + after)
            await asyncio.sleep(after)
            await call.answer()
            await call.answered(within=RINGS_WITHIN)
            await asyncio.sleep(TALK)
            if self._presser.skip(HANG_UP):
                await self._presser.hang_up()
            else:
                await call.hang_up()

        return asyncio.create_task(answer())

    def _refuses(self, phone: Phone) -> asyncio.Task[None]:
        async def refuse() -> None:
            await phone.reject_next(within=RINGS_WITHIN)

        return asyncio.create_task(refuse())
