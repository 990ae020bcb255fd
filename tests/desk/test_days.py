"""Simulated days: what callers are told is nearer to what comes than app_queue's own formulas."""

from statistics import fmean

import pytest

from bench.callers import Agent, Callers, Day, live
from bench.wait import (
    ASTERISK,
    DAYS,
    OURS,
    PLACES,
    Foretellers,
    Telling,
    always,
    erlang_c,
    mean,
    measured,
)


def off(telling: Telling) -> float:
    return abs(telling.off)


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.name)
def test_of_every_day_ours_is_told_nearest(day: Day) -> None:
    told = measured(day, seeds=(1,), one_in=8)
    ours = mean(off, told[OURS])
    assert ours < 0.75 * mean(off, told[ASTERISK])
    assert ours < 0.75 * mean(off, told[PLACES])
    # Nor is it bought by telling too little, as app_queue does.
    less = {by: fmean(each.off < -60 for each in told[by]) for by in (OURS, ASTERISK)}
    assert less[OURS] < 0.6 * less[ASTERISK]


def test_a_steady_day_without_end_is_mmc_and_is_foretold_as_such() -> None:
    """Erlang's formula of the mean wait, for those who wait not at all with them, within 3 %."""
    agents, rate, talk = 2, 24.0, 180.0
    hours = 60_000 / rate
    day = Day(
        "M/M/c",
        hours,
        [Callers("desk", always(rate), rate, talk, spread=0)],
        lambda: [Agent({"desk": 0}, [(0, 2 * hours)]) for _ in range(agents)],
        wrap_up=0,
        ring=(0, 0),
    )
    foretellers = Foretellers(day)
    callers = live(day, 3, foretellers, first=0, every=1e9, one_in=20)
    known = erlang_c(agents, rate / 3600 * talk, talk)
    assert fmean((each.answered or 0) - each.came for each in callers) == pytest.approx(
        known, rel=0.03
    )
    told = [telling for telling in foretellers.tellings() if telling.by == OURS]
    assert mean(lambda each: each.told, told) == pytest.approx(known, rel=0.03)
