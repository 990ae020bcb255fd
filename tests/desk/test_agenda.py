"""The agenda: what is to be dialled now, and what a booking is after an attempt."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.desk.agenda import (
    GIVEN_UP,
    SOON,
    URGENT,
    Booking,
    Outcome,
    Rule,
    State,
    begun,
    ended,
    plan,
)
from ivr.desk.order import tenths
from ivr.flow.hours import Hours

NINE = datetime.fromisoformat("2026-11-23 09:00+08:00")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAYS = Hours.model_validate({"open": "Mo-Su 09:00-22:00", "holidays": "CN"})
RULE = Rule(DAYS)
BERLIN = Rule(Hours.model_validate({"open": "09:00-22:00", "zone": "Europe/Berlin"}))


def booked(
    name: str, asked: datetime = NINE, within: timedelta = HOUR, desk: str = "desk", id: int = 0
) -> Booking:
    return Booking(name, "138", desk, "cmn", asked, asked + within, tenths(asked), id=id)


def dialled(*bookings: Booking, room: int = 1, now: datetime = NINE) -> list[str]:
    return [each.call for each in plan(bookings, {"desk": RULE}, {"desk": room}, now).dial]


def is_due(booking: Booking, rule: Rule, now: datetime) -> bool:
    """Whether it would be dialled now if it were the only one."""
    return bool(plan([booking], {"desk": rule}, {"desk": 1}, now).dial)


def test_who_came_first_goes_first() -> None:
    first, second = booked("a", NINE - 2 * MINUTE), booked("b", NINE - MINUTE)
    assert dialled(second, first, room=2) == ["a", "b"]
    assert dialled(second, first, room=1) == ["a"]


def test_a_deadline_that_is_near_goes_before_the_order_of_arrival() -> None:
    first = booked("a", NINE - 2 * MINUTE, within=2 * HOUR)
    near, nearer = booked("b", within=URGENT), booked("c", within=URGENT - MINUTE)
    assert dialled(first, near, nearer, room=3) == ["c", "b", "a"]


def test_a_desk_holds_no_more_stand_ins_than_it_has_room_for() -> None:
    under_way = begun(booked("a"))
    others = [booked("b"), booked("c"), booked("d", desk="gone")]
    assert dialled(under_way, *others, room=2) == ["b"]
    assert dialled(under_way, *others, room=0) == []


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-11-23 08:59:59+08:00", False),
        ("2026-11-23 09:00+08:00", True),
        ("2026-11-23 22:00+08:00", False),
        ("2026-10-01 12:00+08:00", False),  # a holiday
    ],
)
def test_nobody_is_dialled_outside_the_hours(now: str, is_open: bool) -> None:
    moment = datetime.fromisoformat(now)
    assert bool(dialled(booked("a", moment - MINUTE, 9 * HOUR), now=moment)) is is_open


def test_the_night_on_which_clocks_change_is_as_long_as_it_is() -> None:
    # 09:00 in Berlin is 07:00 UTC on the day before and 08:00 UTC on the day after.
    for day, opens in (("2026-10-24", 7), ("2026-10-25", 8)):
        nine = datetime.fromisoformat(f"{day} 00:00+00:00") + opens * HOUR
        assert not is_due(booked("a", nine - HOUR), BERLIN, nine - timedelta(seconds=1))
        assert is_due(booked("a", nine - HOUR), BERLIN, nine)


def test_an_attempt_waits_for_the_pause() -> None:
    busy = ended(begun(booked("a")), Outcome.BUSY, RULE, NINE)
    assert busy.attempts == 1 and busy.state is State.OPEN
    assert dialled(busy, now=NINE + RULE.pause - timedelta(seconds=1)) == []
    assert dialled(busy, now=NINE + RULE.pause) == ["a"]


def test_no_pause_is_longer_than_it_is_when_the_clock_is_set_back() -> None:
    busy = ended(begun(booked("a", NINE + 3 * HOUR)), Outcome.BUSY, RULE, NINE + 3 * HOUR)
    assert dialled(busy, now=NINE + 2 * HOUR) == ["a"]
    # Nobody asked for the call at this moment, yet she came before the clock was set.
    assert dialled(booked("b", NINE + 3 * HOUR), now=NINE + 2 * HOUR) == ["b"]


def test_who_still_speaks_with_us_is_dialled_when_she_has_hung_up() -> None:
    bookings = [booked("a"), booked("b")]
    found = plan(bookings, {"desk": RULE}, {"desk": 1}, NINE, lambda call: call == "a")
    assert [each.call for each in found.dial] == ["b"]


def test_who_wants_the_call_later_is_called_later() -> None:
    later = replace(booked("a"), not_before=NINE + HOUR)
    assert dialled(later, now=NINE + 59 * MINUTE) == []
    assert dialled(later, now=NINE + HOUR) == ["a"]


@pytest.mark.parametrize(
    ("outcome", "states"),
    [
        (Outcome.BUSY, [State.OPEN, State.OPEN, State.BROKEN]),
        (Outcome.NO_ANSWER, [State.OPEN, State.OPEN, State.BROKEN]),
        (Outcome.DECLINED, [State.OPEN, State.OPEN, State.BROKEN]),
        (Outcome.UNKNOWN, [State.OPEN, State.OPEN, State.BROKEN]),
        (Outcome.WRONG, [State.BROKEN]),
        (Outcome.TALKED, [State.KEPT]),
        (Outcome.NOBODY, [State.OPEN] * 5),
        (Outcome.FAULT, [State.OPEN] * 5),
    ],
)
def test_attempts_are_used_up_by_what_is_hers(outcome: Outcome, states: list[State]) -> None:
    booking = booked("a")
    for state in states:
        booking = ended(begun(booking), outcome, RULE, NINE)
        assert booking.state is state
    assert booking.state.is_over == (outcome not in (Outcome.NOBODY, Outcome.FAULT))


def test_a_call_after_the_time_promised_is_late() -> None:
    late = NINE + HOUR + timedelta(seconds=1)
    assert ended(begun(booked("a")), Outcome.TALKED, RULE, NINE + HOUR).state is State.KEPT
    assert ended(begun(booked("a")), Outcome.TALKED, RULE, late).state is State.LATE
    found = plan([booked("a")], {"desk": RULE}, {"desk": 1}, late)
    assert found.late == found.dial == (booked("a"),)


def test_a_promise_is_broken_when_nobody_waits_for_it_any_more() -> None:
    now = NINE + HOUR + GIVEN_UP
    here, elsewhere = booked("a"), booked("b", desk="gone")
    found = plan([here, elsewhere], {"desk": RULE}, {"desk": 9}, now)
    assert found.broken == (here, elsewhere) and found.dial == found.late == ()


def test_an_attempt_at_a_desk_that_is_gone_is_the_last() -> None:
    assert ended(begun(booked("a")), Outcome.BUSY, None, NINE).state is State.BROKEN


STEPS = st.one_of(
    st.tuples(st.just("book"), st.integers(-90, 0)),
    st.tuples(st.just("clock"), st.integers(-600, 900)),
    st.tuples(st.just("end"), st.sampled_from(list(Outcome))),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=60), st.integers(1, 3), st.sampled_from([RULE, BERLIN]))
def test_whatever_the_clock_does_each_attempt_is_dialled_once_within_hours_and_nobody_forgotten(
    steps: list[tuple[str, int | Outcome]], room: int, rule: Rule
) -> None:
    now = datetime(2026, 10, 24, 6, tzinfo=UTC)
    book: dict[int, Booking] = {}
    rung = Counter[tuple[int, int]]()
    tries = Counter[int]()
    for what, value in steps:
        if what == "book":
            asked = now + int(value) * MINUTE
            book[len(book)] = booked(str(len(book)), asked, id=len(book))
        elif what == "clock":
            now += int(value) * MINUTE
        else:
            under_way = [each for each in book.values() if each.state is State.DIALLING]
            for each in under_way[:1]:
                book[each.id] = ended(each, Outcome(str(value)), rule, now)
                if value not in (Outcome.NOBODY, Outcome.FAULT):
                    rung[each.id, each.attempts] += 1
        found = plan(book.values(), {"desk": rule}, {"desk": room}, now)
        assert not found.dial or rule.hours.state(now) == "open"
        for each in found.broken:
            book[each.id] = replace(each, state=State.BROKEN)
        for each in found.dial:
            assert each.state is State.OPEN
            tries[each.id] += 1
            book[each.id] = begun(each)
        dialling = sum(each.state is State.DIALLING for each in book.values())
        assert dialling <= room
        # Whoever is left over has no room, must wait for her pause or the hours, or came later.
        for each in book.values():
            if each.state is State.OPEN and is_due(each, rule, now):
                assert dialling == room
                assert all(_before(one, each, now) for one in found.dial)
    assert set(rung.values()) <= {1}
    assert all(each.attempts <= rule.attempts for each in book.values())
    for _ in range(200):  # a day or two later nothing is left, whatever it was
        now += HOUR
        found = plan(book.values(), {"desk": rule}, {"desk": room}, now)
        for each in found.broken:
            book[each.id] = replace(each, state=State.BROKEN)
        for each in found.dial:
            book[each.id] = ended(begun(each), Outcome.TALKED, rule, now)
        for each in list(book.values()):
            if each.state is State.DIALLING:
                book[each.id] = ended(each, Outcome.UNKNOWN, rule, now)
    assert all(each.state.is_over for each in book.values())


def _before(one: Booking, other: Booking, now: datetime) -> bool:
    """Return whether the one has the first turn: by a deadline that is near, else by her place."""
    urgent = [each.promised - now <= URGENT for each in (one, other)]
    if urgent[0] != urgent[1]:
        return urgent[0]
    if urgent[0]:
        return (one.promised, one.arrived) <= (other.promised, other.arrived)
    return one.arrived <= other.arrived


def test_the_pause_after_an_attempt_that_used_up_none_is_short() -> None:
    free = ended(begun(booked("a")), Outcome.NOBODY, RULE, NINE)
    assert free.attempts == 0 and free.not_before == NINE + SOON
