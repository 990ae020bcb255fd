"""The diary: what a desk promises is kept, and what cannot be kept is not promised."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.diary import Diary, rules
from ivr.flow.effects import Book, Booked, Impossible
from ivr.flow.hours import Hours
from ivr.store.bookings import Bookings
from ivr.store.database import Database
from ivr.switch.desk_files import parse

DESKS = """
desks:
  desk: {members: [1001], promise: {within: 1h}, hours: always}
  busy: {members: [1001]}
"""
AGENTS = "agents: {1001: {name: Ann}}"

ALWAYS = {"always": Hours.model_validate({"open": "24/7"})}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def bookings(tmp_path: Path) -> AsyncIterator[Bookings]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    yield Bookings(database)
    await database.close()


def diary(bookings: Bookings) -> Diary:
    desks, problems = parse(("desks.yaml", DESKS), ("agents.yaml", AGENTS))
    assert desks is not None, problems
    return Diary(bookings, rules(desks, ALWAYS), "c1", lambda: NOON)


async def test_a_question_keeps_nothing_and_a_booking_is_kept(bookings: Bookings) -> None:
    mine = diary(bookings)
    assert await mine.book(Book("desk", "", "yue")) == Booked(NOON + timedelta(hours=1))
    assert await bookings.open() == {}
    assert await mine.book(Book("desk", "138", "yue")) == Booked(NOON + timedelta(hours=1))
    (kept,) = (await bookings.open()).values()
    assert (kept.call, kept.number, kept.desk, kept.language) == ("c1", "138", "desk", "yue")


async def test_a_desk_without_a_promise_makes_none(bookings: Bookings) -> None:
    assert isinstance(await diary(bookings).book(Book("busy", "138", "yue")), Impossible)


async def test_what_cannot_be_stored_is_not_promised(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    await database.close()
    assert isinstance(await diary(Bookings(database)).book(Book("desk", "138", "yue")), Impossible)
