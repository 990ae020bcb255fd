"""Promises that a version kept in which only people dialled: taken over once, at a start."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table, delete, inspect, select

from ivr.desk.agenda import Booking
from ivr.desk.order import tenths
from ivr.flow.record import LONGEST_TEXT
from ivr.store.bookings import Bookings
from ivr.store.database import Database, Utc

# In no list of ours: it is made nowhere any more.
_BEFORE = Table(
    "bookings",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("call", String(100)),
    Column("number", String(LONGEST_TEXT)),
    Column("desk", String(LONGEST_TEXT)),
    Column("language", String(LONGEST_TEXT)),
    Column("asked", Utc),
    Column("promised", Utc),
)


async def take_over(database: Database) -> int:
    """Keep what stands in the table of that version as promises of now; return how many.

    Raises StoreError; what was taken over until then is not taken over twice.
    """
    async with database.reading() as connection:
        name = _BEFORE.name
        if not await connection.run_sync(lambda known: inspect(known).has_table(name)):
            return 0
        rows = [dict(row) for row in (await connection.execute(select(_BEFORE))).mappings()]
    for row in rows:
        id = row.pop("id")
        await Bookings(database).keep(Booking(**row, arrived=tenths(row["asked"])))
        async with database.writing() as connection:
            await connection.execute(delete(_BEFORE).where(_BEFORE.c.id == id))
    return len(rows)
