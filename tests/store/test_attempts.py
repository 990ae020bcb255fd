"""Attempts: begun once, rung once and ended once, by whichever controller comes first."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.desk.agenda import SOON, Booking, Outcome, Rule, State, begun, ended
from ivr.flow.hours import Hours
from ivr.store.attempts import Attempts
from ivr.store.bookings import Bookings
from ivr.store.database import Database

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOOKING = Booking("c1", "13800138000", "desk", "yue", NOON, NOON + timedelta(hours=1), 17954208000)
RULE = Rule(Hours.model_validate({"open": "24/7"}), attempts=2)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[Database, Database]]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}"
    one, other = await Database.open(url), await Database.open(url)
    yield one, other
    await one.close()
    await other.close()


async def test_of_two_controllers_one_claims_an_attempt(two: tuple[Database, Database]) -> None:
    booking = await Bookings(two[0]).keep(BOOKING)
    claims = [Attempts(one).claim(booking, 1, f"t{n}", NOON) for n, one in enumerate(two * 8)]
    assert sum(await asyncio.gather(*claims)) == 1
    (attempt,) = await Attempts(two[1]).under_way()
    assert (attempt.booking, attempt.number, attempt.begun) == (booking.id, 1, NOON)
    (dialling,) = (await Bookings(two[1]).open()).values()
    assert dialling == begun(booking)


async def test_of_two_controllers_one_rings_and_one_ends(two: tuple[Database, Database]) -> None:
    booking = await Bookings(two[0]).keep(BOOKING)
    assert await Attempts(two[0]).claim(booking, 1, "t", NOON)
    rings = [Attempts(one).ring("t", NOON) for one in two * 4]
    assert sum(await asyncio.gather(*rings)) == 1
    after = ended(begun(booking), Outcome.BUSY, RULE, NOON)
    ends = [Attempts(one).ended("t", Outcome.BUSY, after, NOON) for one in two * 4]
    assert sum(await asyncio.gather(*ends)) == 1
    assert await Bookings(two[0]).find(booking.id) == after
    assert await Attempts(two[0]).under_way() == []
    assert not await Attempts(two[0]).ring("t", NOON)
    (attempt,) = await Attempts(two[0]).of(booking.id)
    assert (attempt.rung, attempt.ended, attempt.outcome) == (NOON, NOON, Outcome.BUSY)


async def test_who_has_seen_an_old_booking_claims_nothing(two: tuple[Database, Database]) -> None:
    old = await Bookings(two[0]).keep(BOOKING)
    assert await Attempts(two[0]).claim(old, 1, "t1", NOON)
    free = ended(begun(old), Outcome.NOBODY, RULE, NOON)
    assert free.attempts == 0 and free.not_before == NOON + SOON
    assert await Attempts(two[0]).ended("t1", Outcome.NOBODY, free, NOON)
    assert not await Attempts(two[1]).claim(old, 1, "t2", NOON)
    assert await Attempts(two[1]).claim(free, 1, "t2", NOON)


async def test_nobody_is_rung_whose_booking_was_cancelled_meanwhile(
    two: tuple[Database, Database],
) -> None:
    booking = await Bookings(two[0]).keep(BOOKING)
    assert await Attempts(two[0]).claim(booking, 1, "t", NOON)
    assert await Bookings(two[1]).cancel(booking.id, NOON)
    assert not await Attempts(two[0]).ring("t", NOON)
    after = ended(begun(booking), Outcome.NO_ANSWER, RULE, NOON)
    assert await Attempts(two[0]).ended("t", Outcome.NO_ANSWER, after, NOON)
    assert await Bookings(two[0]).find(booking.id) == replace(
        booking, attempts=1, state=State.CANCELLED
    )
