"""Calls back that were promised, on a real SQLite file."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.desk.agenda import Booking, Outcome, State, begun
from ivr.store.attempts import Attempts
from ivr.store.bookings import REMEMBERED, Bookings
from ivr.store.database import Database, StoreError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = Booking(
    "c1", "13800138000", "desk", "yue", NOON, NOON + 2 * HOUR, 17954208000, ("yue", "roaming"), 80
)
OTHER = replace(FIRST, call="c2", number="13900139000", promised=NOON + HOUR)


async def test_what_is_promised_stays_until_it_is_done(database: Database) -> None:
    bookings = Bookings(database)
    kept = await bookings.keep(FIRST)
    assert await Bookings(database).open() == {kept.id: replace(FIRST, id=kept.id)}
    assert await bookings.done(kept.id, NOON + HOUR)
    assert await bookings.open() == {}
    assert not await bookings.done(kept.id, NOON + HOUR)
    assert await bookings.find(kept.id) == replace(kept, state=State.KEPT)
    assert await bookings.find(99) is None


async def test_who_is_called_after_the_time_promised_is_called_late(database: Database) -> None:
    bookings = Bookings(database)
    kept = await bookings.keep(FIRST)
    assert await bookings.give_up(kept, NOON + 3 * HOUR)
    assert not await bookings.give_up(kept, NOON + 3 * HOUR)
    assert await bookings.done(kept.id, NOON + 3 * HOUR)
    (late,) = await bookings.listed([State.LATE])
    assert late.id == kept.id


async def test_nobody_is_called_back_whose_booking_is_cancelled(database: Database) -> None:
    bookings = Bookings(database)
    kept = await bookings.keep(FIRST)
    assert await bookings.cancel(kept.id, NOON)
    assert not await bookings.cancel(kept.id, NOON)
    assert not await bookings.cancel(99, NOON)
    assert not await Attempts(database).claim(kept, 1, "t", NOON)
    assert not await bookings.done(kept.id, NOON)


async def test_the_earliest_promise_comes_first(database: Database) -> None:
    bookings = Bookings(database)
    first, other = await bookings.keep(FIRST), await bookings.keep(OTHER)
    assert list((await bookings.open()).values()) == [other, first]


async def test_of_one_call_the_last_booking_is_kept(database: Database) -> None:
    bookings = Bookings(database)
    await bookings.keep(FIRST)
    another = await bookings.keep(replace(FIRST, number="13900139000"))
    assert list((await bookings.open()).values()) == [another]


async def test_who_books_again_in_another_call_keeps_her_place_and_is_called_once(
    database: Database,
) -> None:
    bookings = Bookings(database)
    first = await bookings.keep(FIRST)
    again = replace(
        FIRST, call="c2", language="en", asked=NOON + HOUR, promised=NOON + 3 * HOUR, arrived=9**11
    )
    kept = await bookings.keep(again)
    assert kept == replace(first, call="c2", language="en")
    assert await bookings.open() == {first.id: kept}
    overdue = replace(again, call="c3", asked=NOON + 4 * HOUR, promised=NOON + 5 * HOUR)
    assert (await bookings.keep(overdue)).promised == NOON + 5 * HOUR
    assert len(await bookings.open()) == 1


async def test_who_is_being_called_is_not_booked_again(database: Database) -> None:
    bookings = Bookings(database)
    first = await bookings.keep(FIRST)
    assert await Attempts(database).claim(first, 1, "t", NOON)
    for call in ("c1", "c2"):
        assert await bookings.keep(replace(FIRST, call=call)) == begun(first)
    assert len(await bookings.open()) == 1


async def test_who_books_again_after_an_attempt_has_all_attempts_again(
    database: Database,
) -> None:
    bookings = Bookings(database)
    first = await bookings.keep(FIRST)
    assert await Attempts(database).claim(first, 1, "t", NOON)
    busy = replace(begun(first), state=State.OPEN, not_before=NOON + HOUR)
    assert await Attempts(database).ended("t", Outcome.BUSY, busy, NOON)
    again = await bookings.keep(replace(FIRST, call="c2"))
    assert again == replace(first, call="c2")
    assert list((await bookings.open()).values()) == [again]


async def test_of_one_call_another_is_promised_when_the_first_is_over(database: Database) -> None:
    bookings = Bookings(database)
    first = await bookings.keep(FIRST)
    await bookings.done(first.id, NOON)
    second = await bookings.keep(FIRST)
    assert second.id != first.id
    assert await bookings.promised_in("c1") == second
    assert await bookings.promised_in("c9") is None


async def test_the_id_of_a_booking_is_never_given_twice(database: Database) -> None:
    bookings = Bookings(database)
    first = await bookings.keep(FIRST)
    await bookings.done(first.id, NOON)
    other = await bookings.keep(OTHER)
    assert other.id != first.id
    assert not await bookings.done(first.id, NOON)


async def test_a_number_is_forgotten_when_its_promise_is_long_over(database: Database) -> None:
    bookings = Bookings(database)
    first, other = await bookings.keep(FIRST), await bookings.keep(OTHER)
    await bookings.done(first.id, NOON)
    assert await bookings.forget(NOON + REMEMBERED - HOUR) == 0
    assert await bookings.forget(NOON + REMEMBERED) == 1
    assert await bookings.forget(NOON + REMEMBERED) == 0
    (kept,) = await bookings.listed([State.KEPT])
    assert kept == replace(first, number="", state=State.KEPT)
    assert (await bookings.find(other.id)) == other


async def test_a_closed_database_keeps_nothing_and_says_so(database: Database) -> None:
    await database.close()
    with pytest.raises(StoreError):
        await Bookings(database).keep(FIRST)
