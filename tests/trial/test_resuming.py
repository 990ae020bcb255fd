"""Another controller takes a call over: at every step of every call the flows are tested with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from ivr import config
from ivr.flow.answers import DIALLED, read
from ivr.flow.caller import Caller
from ivr.flow.effects import Effect, Heard, Interrupted
from ivr.flow.journal import Journal
from ivr.flow.journal_entries import JournalEntry
from ivr.flow.opening import Opening
from ivr.flow.record import CallRecord
from ivr.flow.resume import resume
from ivr.flow.session import Session
from ivr.flow.story import Story
from ivr.flow.talk import Choice
from ivr.project import suite
from ivr.trial.calls import Trial
from ivr.trial.hands import Gone
from ivr.trial.simulation import Simulation

SHIPPED = suite.load(config.settings())
# Letters; the longest call of these tests is told thirty answers.
LARGEST = 1000


@dataclass
class Step:
    """What was asked, the answer and when; what was then kept, and how the call stood."""

    asked: Effect[Any] | None
    answer: Any
    at: datetime
    texts: tuple[str, ...] = ()
    stood: tuple[Any, ...] = ()
    # Whether it was asked for a secret.
    secret: bool = False


@dataclass
class Played:
    """A call that was kept in a journal, step by step."""

    steps: list[Step]
    record: CallRecord


def standing(session: Session) -> tuple[Any, ...]:
    """Return how a call stands; a secret shows itself to nobody."""
    talk, here = session.talk, session.here
    keys = [(key.key, key.at, key.has_cut) for key in talk.keys]
    variables = {name: str(value) for name, value in (here.variables if here else {}).items()}
    spoken = (talk.language, talk.speed, talk.heard_language, talk.heard_speed, talk.chosen)
    missed = repr(here.patience) if here else ""
    return (session.asked, session.record, variables, keys, spoken, missed, sorted(talk.told))


def opening(trial: Trial) -> Opening:
    given = trial.given
    chosen = Choice(given.remembers.language, given.remembers.speed)
    caller = Caller("trial", given.caller, given.called, Story(by=given.passed_by))
    return Opening(trial.flow, SHIPPED.project.version, caller, given.now, chosen)


def play(trial: Trial) -> Played:
    """Play a call to its end."""
    world = Simulation(trial.given, SHIPPED.project.services, trial.expected.does)
    journal = Journal.begin(opening(trial), SHIPPED.project)
    session, steps, answer = journal.session, list[Step](), None
    held = dict[int, str]()
    try:
        while True:
            step = Step(session.asked, answer, world.now, secret=session.talk.asks_secret)
            steps.append(step)
            effect = journal.answer(answer, world.now)
            if effect is None:
                break
            step.texts, step.stood = journal.texts, standing(session)
            held |= journal.unwritten()
            assert session.stays or tuple(held[at] for at in sorted(held)) == step.texts
            answer = world.perform(effect)
    except Gone:
        session.hang_up(world.now)
        steps.append(Step(session.asked, Gone, world.now))
    return Played(steps, session.record)


def keys(answer: Any) -> str:
    """Return the keys of an answer."""
    while isinstance(answer, Interrupted):
        answer = answer.answer
    if isinstance(answer, Heard):
        return answer.keys
    return answer if isinstance(answer, str) and answer not in DIALLED else ""


def finish(session: Session, steps: list[Step]) -> CallRecord:
    """Let a call go on as it went; return its record."""
    for step in steps:
        if step.answer is Gone:
            session.hang_up(step.at)
        else:
            session.answer(step.answer, step.at)
    return session.record


def of(flow: str) -> list[Trial]:
    """Return the tests of a flow."""
    return [trial for trial in SHIPPED.trials if trial.flow == flow]


FLOWS = sorted({str(trial.flow) for trial in SHIPPED.trials})


@pytest.mark.parametrize("flow", FLOWS)
def test_a_call_goes_on_wherever_it_is_taken_over(flow: str) -> None:
    for trial in of(flow):
        played = play(trial)
        for number, step in enumerate(played.steps):
            if not step.stood:
                break
            told = f"{trial.name}, after {number}: {step.asked}"
            taken = resume(step.texts, SHIPPED.project)
            session, at, again = taken.journal.session, number, taken.unread
            assert not taken.lost, told
            while again > 0:
                again, at = again - len(keys(played.steps[at].answer)), at - 1
            assert standing(session) == played.steps[at].stood, told
            assert finish(session, played.steps[at + 1 :]) == played.record, told


@pytest.mark.parametrize("flow", FLOWS)
def test_little_is_kept_and_no_digit_of_a_secret(flow: str) -> None:
    for trial in of(flow):
        steps = play(trial).steps
        for step in steps:
            assert sum(map(len, step.texts)) < LARGEST, trial.name
            for later in steps:
                if step.secret and keys(step.answer) and len(later.texts) >= len(step.texts) > 0:
                    kept = keys(read(JournalEntry.read(later.texts[len(step.texts) - 1]).what))
                    assert len(kept) == len(keys(step.answer))
                    assert not re.search("[0-9]", kept)
