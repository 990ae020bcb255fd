"""A call in simulated time: seconds pass as speech and waiting take them, and none really do.

    played = play(project, "hotline", given, acts)
    played.record          # as of a real call
    played.left            # what she would still have done

What it cannot know: how fast a voice really speaks, so its times are right within about a third;
what a caller types while a key of hers is being taken; and a line that is bad.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ivr.flow.effects import (
    Announced,
    Book,
    Dial,
    DialOutcome,
    Effect,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Interrupted,
    Listen,
    LookAhead,
    LookUp,
    Play,
    PlayBack,
    Queued,
    Record,
    Recorded,
    Send,
    Staying,
    Waiting,
)
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.flow.services import Declared, Failed, Found, Missing
from ivr.flow.session import Session
from ivr.trial.acts import Act
from ivr.trial.given import Given
from ivr.trial.hands import Gone, Hands
from ivr.trial.speaking import Course

# Seconds it takes her to speak with an agent.
TALK = 60.0
# What a message is called, whoever speaks it.
RECORDING = "trial.wav"
# A call of a hundred questions asks for some four hundred effects; more is a call without end.
MOST_EFFECTS = 4000

Answered = Found | Missing | Failed


@dataclass(frozen=True)
class Played:
    """A call that is over: its record, and what the caller would still have done."""

    record: CallRecord
    left: tuple[Act, ...]


def play(project: Project, flow: str, given: Given, acts: Iterable[Act]) -> Played:
    """Play a call to its end. Raises KeyError for no such flow.

    A fault of the flow is no exception here: it closes the record as `failed`.
    """
    session = given.session(project, flow)
    simulation = Simulation(given, project.services, acts)
    walk(session, simulation)
    return Played(session.record, simulation.left)


def walk(session: Session, simulation: Simulation) -> None:
    """Let a session walk in a simulation to its end."""
    try:
        effect = session.begin(simulation.now)
        for _ in range(MOST_EFFECTS):
            if effect is None:
                return
            effect = session.answer(simulation.perform(effect), simulation.now)
        session.fail(simulation.now, RuntimeError("the call goes on without end"))
    except Gone:
        session.hang_up(simulation.now)
    except Exception as fault:  # whatever it is, the record says it, as that of a real call does
        session.fail(simulation.now, fault)


class Simulation:
    """One call's world; performs effects at once and moves the clock by what they take."""

    def __init__(self, given: Given, declared: Declared, acts: Iterable[Act]) -> None:
        self._given = given
        self._declared = declared
        self._hands = Hands(acts)
        self._asked: tuple[Answered, float] | None = None
        # How the wait she stays in will end, and when.
        self._wait: tuple[Queued, float] | None = None

    @property
    def now(self) -> datetime:
        """The time it is in the call."""
        return self._given.now + timedelta(seconds=self._hands.time)

    @property
    def left(self) -> tuple[Act, ...]:
        """What the caller has not done yet."""
        return self._hands.left

    def perform(self, effect: Effect[Any]) -> Any:
        """Return the answer to an effect. Raises Gone when the caller hangs up."""
        if self._wait is None or isinstance(effect, EndWait):
            return self._perform(effect)
        answer = self._perform(effect)
        return answer if self._hands.time < self._wait[1] else Interrupted(answer)

    def _perform(self, effect: Effect[Any]) -> Any:
        match effect:
            case Play():
                return self._play(effect)
            case Listen():
                return self._listen(effect)
            case LookUp():
                return self._look_up(effect)
            case Enqueue():
                return self._enqueue(effect)
            case EndWait():
                return self._end_wait(effect)
            case LookAhead():
                return self._given.ahead
            case Record():
                return self._record(effect)
            case Dial():
                return self._dial(effect)
            case PlayBack():
                return self._play_back()
            case Send():
                return self._given.messages == "sent"
            case Book():
                return self._given.booked(effect)
            case Announced():
                return self._given.announcements(effect.place)
            case HangUp():
                return None
        raise TypeError(f"no simulation can perform {effect!r}")

    def _play(self, play: Play) -> Heard:
        hands = self._hands
        if keys := hands.overdue():
            return Heard(keys, play.begin)
        course = Course(play)
        began = hands.time
        due = hands.due(began + course.seconds)
        act = hands.next
        if act and not act.is_timed:
            moment = course.moment(act, play.takes)
            due = None if moment is None else began + moment
        ends = self._until(began + course.seconds)
        if due is None or due > ends:
            hands.time = ends
            is_cut = ends < began + course.seconds
            return Heard("", *course.at(ends - began)) if is_cut else Heard("", len(play.utterance))
        spot = course.at(due - began)
        return Heard(hands.act(due), *spot)

    def _play_back(self) -> str:
        """Let her hear what she has spoken, to its end or to a key."""
        return self._hands.waits(self._hands.time + self._given.recording)

    def _listen(self, listen: Listen) -> str:
        if keys := self._hands.overdue():
            return keys
        return self._hands.answer(self._until(self._hands.time + listen.seconds), listen.rests)

    def _look_up(self, look_up: LookUp) -> Answered | Waiting:
        if not look_up.still or self._asked is None:
            reply = self._given.reply(self._declared, look_up.name, look_up.arguments)
            self._asked = reply.answer, self._hands.time + reply.after
        answer, due = self._asked
        if due > self._until(self._hands.time + look_up.patience):
            self._hands.time = self._until(self._hands.time + look_up.patience)
            return Waiting()
        self._hands.time, self._asked = max(self._hands.time, due), None
        return answer

    def _enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        queued, waited = self._given.queued(enqueue.queue, enqueue.longest)
        if enqueue.stays and waited:
            self._wait = queued, self._hands.time + waited
            return Staying()
        return self._waited(queued, waited)

    def _end_wait(self, end: EndWait) -> Queued:
        assert self._wait is not None  # she stays
        (queued, ends), self._wait = self._wait, None
        if end.leaves and self._hands.time < ends:
            return Queued("left")
        return self._waited(queued, max(0.0, ends - self._hands.time))

    def _until(self, moment: float) -> float:
        """Return the moment, or when the wait she stays in is over, if that is sooner."""
        return moment if self._wait is None else max(self._hands.time, min(moment, self._wait[1]))

    def _waited(self, queued: Queued, waited: float) -> Queued:
        if self._hands.passes(waited):
            return Queued("unanswered", left=True)
        served = queued.outcome == "answered"
        left = self._hands.passes(TALK if served else 0.0) or self._hands.hangs_up()
        return Queued(queued.outcome, queued.agent, left)

    def _dial(self, dial: Dial) -> DialOutcome:
        outcome, rung = self._given.dialled(dial.number, dial.longest)
        talked = TALK if outcome == "answered" else 0.0
        if self._hands.passes(rung + talked) or self._hands.hangs_up():
            raise Gone
        return outcome

    def _record(self, record: Record) -> Recorded:
        silent = not self._given.recording
        spoken = min(self._given.recording, record.longest)
        if self._hands.passes(spoken or record.silence):
            raise Gone
        if self._hands.next == Act("#"):
            self._hands.act(self._hands.time)
        return Recorded("" if silent else RECORDING, spoken, silent)
