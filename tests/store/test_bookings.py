"""Calls back that were promised, on a real SQLite file."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.store.bookings import Booking, Bookings
from ivr.store.database import Database, StoreError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = Booking("c1", "13800138000", "desk", "yue", NOON, NOON + 2 * HOUR)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    ready = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    yield ready
    await ready.close()


async def test_what_is_promised_stays_until_it_is_done(database: Database) -> None:
    bookings = Bookings(database)
    await bookings.keep(FIRST)
    ((id, kept),) = (await Bookings(database).open()).items()
    assert kept == FIRST
    assert await bookings.done(id)
    assert await bookings.open() == {}
    assert not await bookings.done(id)


async def test_the_earliest_promise_comes_first(database: Database) -> None:
    bookings = Bookings(database)
    sooner = replace(FIRST, call="c2", promised=NOON + HOUR)
    await bookings.keep(FIRST)
    await bookings.keep(sooner)
    assert list((await bookings.open()).values()) == [sooner, FIRST]


async def test_of_one_call_the_last_booking_is_kept(database: Database) -> None:
    bookings = Bookings(database)
    another = replace(FIRST, number="13900139000")
    await bookings.keep(FIRST)
    await bookings.keep(another)
    assert list((await bookings.open()).values()) == [another]


async def test_the_number_of_a_booking_is_never_given_twice(database: Database) -> None:
    bookings = Bookings(database)
    await bookings.keep(FIRST)
    (id,) = await bookings.open()
    await bookings.done(id)
    await bookings.keep(replace(FIRST, call="c2"))
    assert not await bookings.done(id)  # as somebody else says who has just called the first back
    assert len(await bookings.open()) == 1


async def test_a_closed_database_keeps_nothing_and_says_so(database: Database) -> None:
    await database.close()
    with pytest.raises(StoreError):
        await Bookings(database).keep(FIRST)
