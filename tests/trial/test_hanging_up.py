"""She hangs up at every step of every call that the shipped flows are tested with."""

from __future__ import annotations

from typing import Any

import pytest

from ivr import config
from ivr.flow.effects import Book, Booked, Effect
from ivr.flow.record import CallRecord
from ivr.past.waits import waits
from ivr.project import suite
from ivr.project.suite import Suite
from ivr.trial.calls import Trial
from ivr.trial.hands import Gone
from ivr.trial.simulation import Simulation, walk

SHIPPED = suite.load(config.settings())


class Hasty(Simulation):
    """She hangs up when so many things have been asked of her; `booked` counts what is promised."""

    def __init__(self, trial: Trial, shipped: Suite, patience: int) -> None:
        super().__init__(trial.given, shipped.project.services, trial.expected.does)
        self._patience = patience
        self.booked = 0

    def perform(self, effect: Effect[Any]) -> Any:
        if not self._patience:
            raise Gone
        self._patience -= 1
        answer = super().perform(effect)
        self.booked += isinstance(effect, Book) and bool(effect.number) and _is_booked(answer)
        return answer


def _is_booked(answer: Any) -> bool:
    return isinstance(getattr(answer, "answer", answer), Booked)


def _played(trial: Trial, patience: int) -> tuple[CallRecord, int]:
    session = trial.given.session(SHIPPED.project, trial.flow)
    caller = Hasty(trial, SHIPPED, patience)
    walk(session, caller)
    return session.record, caller.booked


@pytest.mark.parametrize("trial", SHIPPED.trials, ids=lambda trial: f"{trial.flow}: {trial.name}")
def test_nothing_is_left_half_done_wherever_she_hangs_up(trial: Trial) -> None:
    whole, _ = _played(trial, 10_000)
    for patience in range(10_000):
        record, booked = _played(trial, patience)
        told = f"after {patience}"
        assert record.ended is not None, told
        assert record.outcome != "failed" or whole.outcome == "failed", (told, record.why)
        assert record.path[-1].left is not None, told
        kept = [one for one in record.asked or () if one.outcome == "booked"]
        assert len(kept) == bool(booked), told
        assert all(wait.waited >= 0 and wait.talked >= 0 for wait in waits(record)), told
        if record == whole:
            return
    pytest.fail("it has no end")
