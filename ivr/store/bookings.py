"""Who is to be called back, by whom, and until when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, String, Table, delete, insert, select, update

from ivr.flow.record import LONGEST_TEXT
from ivr.store.database import TABLES, Database, Utc

_BOOKINGS = Table(
    "bookings",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("call", String(100), nullable=False, unique=True),
    Column("number", String(LONGEST_TEXT), nullable=False),
    Column("desk", String(LONGEST_TEXT), nullable=False),
    Column("language", String(LONGEST_TEXT), nullable=False),
    Column("asked", Utc, nullable=False),
    Column("promised", Utc, nullable=False, index=True),
    # A number is never given twice: it is what a person takes off a list that she saw before.
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Booking:
    """A call back that was promised; `call` is the id of the call it was promised in."""

    call: str
    number: str
    desk: str
    language: str
    asked: datetime
    promised: datetime


class Bookings:
    """The table of promised calls back. What is done is deleted: it holds people's numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, booking: Booking) -> None:
        """Keep a booking, in place of an earlier one of the same call. Raises StoreError."""
        fields = asdict(booking)
        async with self._database.writing() as connection:
            mine = update(_BOOKINGS).where(_BOOKINGS.c.call == booking.call)
            if not (await connection.execute(mine.values(fields))).rowcount:
                await connection.execute(insert(_BOOKINGS).values(fields))

    async def open(self) -> dict[int, Booking]:
        """Return all that is promised by its id, the earliest first. Raises StoreError."""
        waiting = select(_BOOKINGS).order_by(_BOOKINGS.c.promised, _BOOKINGS.c.id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(waiting)).mappings().all()
        booked = [dict(row) for row in rows]
        return {fields.pop("id"): Booking(**fields) for fields in booked}

    async def done(self, id: int) -> bool:
        """Delete a booking; return False if there is no such one. Raises StoreError."""
        gone = delete(_BOOKINGS).where(_BOOKINGS.c.id == id)
        async with self._database.writing() as connection:
            return bool((await connection.execute(gone)).rowcount)
