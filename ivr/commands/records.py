"""The records of calls, for commands that look at them: of the running hotline or the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import ValidationError

from ivr.config import Settings
from ivr.desk.agenda import Booking
from ivr.errors import IvrError
from ivr.flow.record import ID_FORMAT, CallRecord
from ivr.running import asking, claim
from ivr.store.attempts import Attempt, Attempts
from ivr.store.bookings import Bookings
from ivr.store.calls import Calls
from ivr.store.database import Database

# So many ids are named to who asks for a call there is none of.
NEWEST = 3


@asynccontextmanager
async def kept(settings: Settings) -> AsyncIterator[Calls]:
    """Give the calls of the database. Raises `IvrError` where none was ever kept."""
    if not settings.has_records:
        raise IvrError(f"no call was kept in {settings.state}; another --state-dir?")
    async with await Database.open(settings.records_url) as database:
        yield Calls(database)


async def find(settings: Settings, id: str) -> CallRecord:
    """Return the record of a call, also of one that goes on. Raises `IvrError` for none."""
    if live := await _live(settings, id):
        return live
    async with kept(settings) as calls:
        record = await calls.find(id)
        if record is None:
            newest = ", ".join(each.id for each in await calls.latest(NEWEST))
            there = f"; the newest are {newest}" if newest else "; there is none at all"
            raise IvrError(f"there is no call '{id}'{there}")
        return record


async def newest(settings: Settings) -> str:
    """Return the id of the call that began last. Raises `IvrError` where there is none."""
    async with kept(settings) as calls:
        for record in await calls.latest(1):
            return record.id
    raise IvrError("there is no call yet")


async def promise(settings: Settings, id: str) -> tuple[Booking, list[Attempt]] | None:
    """Return the call back that was promised in a call, and the attempts at it; None for none."""
    if not settings.has_records:
        return None
    async with await Database.open(settings.records_url) as database:
        booking = await Bookings(database).promised_in(id)
        return (booking, await Attempts(database).of(booking.id)) if booking else None


async def _live(settings: Settings, id: str) -> CallRecord | None:
    """Return the call as the running hotline knows it, if one runs and knows it."""
    there = claim.running(settings.state)
    if there is None or not ID_FORMAT.fullmatch(id):
        return None
    at = settings.model_copy(update={"http_port": int(there.web.rsplit(":", 1)[1])})
    said: Any = await asking.fetch(at, f"/api/calls/{id}")
    try:
        return CallRecord.model_validate(said)
    except ValidationError:  # it knows of none, and says so
        return None
