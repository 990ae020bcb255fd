"""An agent books a call back for a caller."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.callbacks.agent_booking import AgentBooking
from ivr.callbacks.diary import Promises
from ivr.desk.agenda import Booking, Rule
from ivr.desk.order import tenths
from ivr.flow.hours import Hours
from ivr.flow.record import CallRecord
from ivr.store.bookings import Bookings
from ivr.store.database import Database
from ivr.web.callbacks import Wanted
from tests.records.given import a_record

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = {"desk": Rule(Hours.model_validate({"open": "24/7"}))}
RECORD = a_record(
    "c1", NOON - timedelta(minutes=7), flow="f", version="1", language="yue", speed="80%"
)


@pytest.fixture
async def booking(tmp_path: Path) -> AsyncIterator[AgentBooking]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")

    async def find(id: str) -> CallRecord | None:
        return RECORD if id == "c1" else None

    promises = Promises(Bookings(database), numbers=lambda: {"1001"})
    yield AgentBooking(promises, lambda: RULES, find, lambda: NOON)
    await database.close()


async def test_of_a_call_all_is_taken_that_is_not_said_and_her_place(booking: AgentBooking) -> None:
    booked = await booking.book(Wanted(desk="desk", call="c1", skills=("roaming",)))
    assert isinstance(booked, Booking)
    assert (booked.call, booked.number, booked.language) == ("c1", "13800138000", "yue")
    assert (booked.speed, booked.skills) == (80, ("roaming",))
    assert booked.arrived == tenths(RECORD.started)
    assert booked.promised == NOON + timedelta(hours=1)


async def test_without_a_call_she_is_who_is_named_and_has_come_now(booking: AgentBooking) -> None:
    booked = await booking.book(Wanted(desk="desk", number="13900139000", language="en"))
    assert isinstance(booked, Booking)
    assert (booked.number, booked.language, booked.arrived) == ("13900139000", "en", tenths(NOON))
    other = await booking.book(Wanted(desk="desk", number="13700137000"))
    assert isinstance(other, Booking) and other.call != booked.call


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted(desk="desk", call="c9"), "there is no call c9"),
        (Wanted(desk="desk"), "no number"),
        (Wanted(desk="other", call="c1"), "'other' promises nothing"),
        (Wanted(desk="desk", number="1001"), "a number of our own"),
        (Wanted(desk="desk", number="4001234567"), "a number of shared cost"),
    ],
)
async def test_what_cannot_be_promised_is_not_booked(
    booking: AgentBooking, wanted: Wanted, why: str
) -> None:
    answer = await booking.book(wanted)
    assert isinstance(answer, str) and why in answer
