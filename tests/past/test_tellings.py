"""What was told of waits, held against what came."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.desk.ledger import Fate
from ivr.flow.outlook import LONG
from ivr.past.figures import Figure
from ivr.past.tellings import Telling, errors
from ivr.past.waits import Wait

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def wait(call: str = "1.1", waited: float = 100, fate: Fate = Fate.ANSWERED) -> Wait:
    return Wait(call, "139", "desk", NOON, waited, 60.0, fate)


def told(seconds: float | None, after: float = 0, call: str = "1.1", desk: str = "desk") -> Telling:
    return Telling(call, desk, 1, seconds, seconds, NOON + timedelta(seconds=after))


def figures(tellings: list[Telling], *waits: Wait) -> dict[str, Figure]:
    return errors(tellings, waits or [wait()])["desk"]


def test_what_was_told_is_compared_with_the_time_from_then_to_the_answer() -> None:
    found = figures([told(120), told(60, after=40)])
    assert [found[name].value for name in ("mean", "median", "bias")] == [10.0, 20.0, 10.0]
    assert (found["told"].value, found["answered"].value) == (2, 2)
    assert found["mean"].calls == ("1.1",)


def test_who_comes_a_minute_later_than_told_was_told_too_little() -> None:
    found = figures([told(120), told(60, call="1.2")], wait(), wait("1.2", waited=121))
    assert (found["too_little"].value, found["too_little"].calls) == (0.5, ("1.2",))


@pytest.mark.parametrize(
    "unknown",
    [told(None), told(60, after=200), told(60, after=-10), told(60, call="1.9")],
)
def test_what_was_not_answered_in_that_wait_says_nothing(unknown: Telling) -> None:
    found = figures([unknown])
    assert found["told"].value == 1
    assert (found["mean"].value, found["mean"].of, found["too_little"].value) == (None, 0, None)


def test_one_who_gave_up_says_nothing_either() -> None:
    assert figures([told(60)], wait(fate=Fate.GAVE_UP))["answered"].value == 0


def test_the_parts_of_a_call_are_told_apart_by_time() -> None:
    later = Wait("1.1-2", "139", "desk", NOON + timedelta(hours=1), 30.0, 0.0, Fate.ANSWERED)
    found = figures([told(60, after=3600)], wait(), later)
    assert (found["mean"].value, found["mean"].calls) == (30.0, ("1.1-2",))


@pytest.mark.parametrize(("waited", "off"), [(1900, 0.0), (1500, 300.0), (5000, 0.0)])
def test_more_than_half_an_hour_is_off_by_what_it_was_less(waited: float, off: float) -> None:
    assert figures([told(LONG)], wait(waited=waited))["bias"].value == off


def test_each_desk_has_figures_of_its_own() -> None:
    assert list(errors([told(60, desk="b"), told(60, desk="a")], [])) == ["a", "b"]
    assert errors([], [wait()]) == {}
