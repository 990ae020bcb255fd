"""The order of service is the order of arrival."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.order import MIDDLE, priority, read, written

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.integers(1, 10**8))
def test_who_came_a_tenth_of_a_second_later_is_served_later(came: datetime, tenths: int) -> None:
    later = came + timedelta(milliseconds=100 * tenths)
    assert priority(later) == max(-(2**31) + 1, priority(came) - tenths)


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_moment_has_a_priority_that_the_switch_can_hold(moment: datetime) -> None:
    assert -(2**31) < priority(moment) < 2**31


def test_the_dialplan_can_work_it_out_from_the_seconds_since_1970() -> None:
    assert priority(NOW) == (int(MIDDLE.timestamp()) - int(NOW.timestamp())) * 10


@given(MOMENTS)
def test_a_moment_travels_on_a_channel(came: datetime) -> None:
    back = read(written(came), came)
    assert priority(back) - priority(came) in (0, 1)
    assert read(written(back), came) == back


def test_what_is_no_moment_is_now_and_nobody_comes_in_the_future() -> None:
    for text in ("", "soon", "-5", "٣", "9" * 12, written(NOW + timedelta(hours=1))):
        assert read(text, NOW) == NOW
