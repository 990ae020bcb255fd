"""What became of promised calls back, by desk and day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.desk.agenda import Booking, State
from ivr.past.promises import promises

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE = Booking("c1", "138", "desk", "cmn", NOON, NOON + timedelta(hours=1), 1)


def test_promises_are_counted_by_desk_and_day_with_the_calls_behind_them() -> None:
    states = [State.KEPT, State.KEPT, State.KEPT, State.LATE, State.CANCELLED, State.OPEN]
    here = [replace(ONE, call=f"c{n}", state=state) for n, state in enumerate(states)]
    other = replace(ONE, desk="other", promised=NOON + timedelta(days=1))
    first, second = promises([other, *here], UTC)
    assert (first.desk, first.day, first.promised) == ("desk", date(2026, 11, 22), 6)
    assert first.calls[State.KEPT] == ("c0", "c1", "c2")
    assert first.calls[State.CANCELLED] == ("c4",)
    assert first.share == 0.75
    assert (second.desk, second.day, second.share) == ("other", date(2026, 11, 23), None)
    assert sum(len(calls) for calls in first.calls.values()) == first.promised


def test_a_day_is_one_of_the_zone() -> None:
    late = replace(ONE, promised=datetime(2026, 11, 22, 17, tzinfo=UTC))
    (found,) = promises([late], ZoneInfo("Asia/Shanghai"))
    assert found.day == date(2026, 11, 23)
