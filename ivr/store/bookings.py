"""Who is to be called back, by whom, and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Integer,
    RowMapping,
    String,
    Table,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.desk.agenda import Booking, State, over
from ivr.flow.record import LONGEST_TEXT
from ivr.store.database import TABLES, Database, Utc
from ivr.store.once import first

# How long a number is kept whose promise is over: for as long as somebody may ask about it.
REMEMBERED = timedelta(days=30)
# As many as a busy month of a large hotline has.
MOST = 100_000
LIVE = (State.OPEN, State.DIALLING)

# Not `bookings`: tables of that name are left by versions in which people dialled.
PROMISES = Table(
    "promises",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("call", String(100), nullable=False, index=True),
    Column("number", String(LONGEST_TEXT), nullable=False),
    Column("desk", String(LONGEST_TEXT), nullable=False),
    Column("language", String(LONGEST_TEXT), nullable=False),
    Column("asked", Utc, nullable=False),
    Column("promised", Utc, nullable=False, index=True),
    Column("arrived", BigInteger, nullable=False),
    Column("skills", JSON, nullable=False),
    Column("speed", Integer, nullable=False),
    Column("not_before", Utc),
    Column("attempts", Integer, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("over", Utc),
    # The attempt under way: who does not know it changes nothing.
    Column("token", String(100)),
    # A number is never given twice: it is what a person takes off a list that she saw before.
    sqlite_autoincrement=True,
)


class Bookings:
    """The table of promised calls back. All its methods raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, booking: Booking, once: str = "") -> Booking:
        """Keep a booking and return it as it is kept; under an id `once` it is kept once.

        In place of an earlier one of the same call; and of one for the same number and desk, whose
        place and time, if that is not over, stay. One that is dialled just now stays as it is.
        """
        async with self._database.writing() as connection:
            if once and not await first(connection, once, booking.asked):
                return booking
            await connection.execute(_forgetting(booking.asked))
            if found := await _replaced(connection, booking):
                earlier = found[0]
                if earlier.call == booking.call:
                    kept = replace(booking, id=earlier.id)
                else:
                    kept = _joined(earlier, booking)
                is_open = _is(earlier.id, [State.OPEN])
                changed = update(PROMISES).where(is_open).values(_fields(kept))
                is_changed = (await connection.execute(changed)).rowcount
                return kept if is_changed else replace(earlier, state=State.DIALLING)
            added = await connection.execute(insert(PROMISES).values(_fields(booking)))
            (id,) = added.inserted_primary_key or (0,)
            return replace(booking, id=id)

    async def open(self) -> dict[int, Booking]:
        """Return all that is still to be kept by its id, the earliest promise first."""
        return {booking.id: booking for booking in await self.listed(LIVE, limit=None)}

    async def listed(self, states: Collection[State], limit: int | None = MOST) -> list[Booking]:
        """Return the bookings in these states, the earliest promise first."""
        some = select(PROMISES).where(PROMISES.c.state.in_([str(state) for state in states]))
        ordered = some.order_by(PROMISES.c.promised, PROMISES.c.id).limit(limit)
        async with self._database.reading() as connection:
            return [_booking(row) for row in (await connection.execute(ordered)).mappings()]

    async def between(self, begin: datetime, end: datetime) -> list[Booking]:
        """Return what was promised for a time, whatever became of it, the earliest first.

        At most `MOST` bookings: the first of them.
        """
        then = and_(PROMISES.c.promised >= begin, PROMISES.c.promised < end)
        ordered = select(PROMISES).where(then).order_by(PROMISES.c.promised, PROMISES.c.id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(ordered.limit(MOST))).mappings()
            return [_booking(row) for row in rows]

    async def waiting(self, desk: str) -> int:
        """Return how many a desk has still to call back."""
        live = and_(PROMISES.c.desk == desk, PROMISES.c.state.in_([str(each) for each in LIVE]))
        async with self._database.reading() as connection:
            query = select(func.count()).select_from(PROMISES).where(live)
            return (await connection.execute(query)).scalar_one()

    async def find(self, id: int) -> Booking | None:
        """Return a booking, None if there is no such one."""
        async with self._database.reading() as connection:
            return await _find(connection, id)

    async def promised_in(self, call: str) -> Booking | None:
        """Return the last booking that was made in a call, by the id of the call's record."""
        query = select(PROMISES).where(PROMISES.c.call == call).order_by(PROMISES.c.id.desc())
        async with self._database.reading() as connection:
            row = (await connection.execute(query.limit(1))).mappings().one_or_none()
            return _booking(row) if row is not None else None

    async def give_up(self, booking: Booking, now: datetime) -> bool:
        """Take an open booking as broken; False if it is open no more."""
        is_open = and_(PROMISES.c.id == booking.id, PROMISES.c.state == str(State.OPEN))
        async with self._database.writing() as connection:
            return await change(connection, is_open, replace(booking, state=State.BROKEN), now)

    async def done(self, id: int, now: datetime) -> bool:
        """Somebody has called her back by hand; False if there is no such booking to be kept."""
        may = (*LIVE, State.BROKEN)
        async with self._database.writing() as connection:
            booking = await _find(connection, id)
            if booking is None or booking.state not in may:
                return False
            return await change(connection, _is(id, may), over(booking, now), now)

    async def cancel(self, id: int, now: datetime) -> bool:
        """Call nobody back; False if there is no such booking to be kept."""
        async with self._database.writing() as connection:
            booking = await _find(connection, id)
            if booking is None:
                return False
            gone = replace(booking, state=State.CANCELLED)
            return await change(connection, _is(id, LIVE), gone, now)

    async def forget(self, now: datetime) -> int:
        """Delete the numbers of promises that were over long ago; return how many."""
        async with self._database.writing() as connection:
            return (await connection.execute(_forgetting(now))).rowcount


async def _find(connection: AsyncConnection, id: int) -> Booking | None:
    query = select(PROMISES).where(PROMISES.c.id == id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _booking(row) if row is not None else None


async def _replaced(connection: AsyncConnection, booking: Booking) -> list[Booking]:
    """Return what a new booking takes the place of, that of its own call first."""
    hers = and_(PROMISES.c.number == booking.number, PROMISES.c.desk == booking.desk)
    live = PROMISES.c.state.in_([str(state) for state in LIVE])
    query = select(PROMISES).where(or_(PROMISES.c.call == booking.call, hers), live)
    rows = (await connection.execute(query.order_by(PROMISES.c.id))).mappings()
    return sorted((_booking(row) for row in rows), key=lambda each: each.call != booking.call)


def _joined(earlier: Booking, new: Booking) -> Booking:
    """Return one booking for two of a number: the earlier place, and a time that is not over."""
    promised = earlier.promised if new.asked <= earlier.promised else new.promised
    place = min(earlier.arrived, new.arrived)
    return replace(new, id=earlier.id, promised=promised, arrived=place, asked=earlier.asked)


async def change(connection: AsyncConnection, where: Any, after: Booking, now: datetime) -> bool:
    """Give the bookings that fit what the agenda says of them; no attempt is under way any more."""
    values = {
        "state": str(after.state),
        "attempts": after.attempts,
        "not_before": after.not_before,
        "over": now if after.state.is_over else None,
        "token": None,
    }
    changed = await connection.execute(update(PROMISES).where(where).values(values))
    return bool(changed.rowcount)


def _forgetting(now: datetime) -> Any:
    # With every booking, too: a controller may run for longer than anything is kept.
    old = and_(PROMISES.c.over <= now - REMEMBERED, PROMISES.c.number != "")
    return update(PROMISES).where(old).values(number="")


def _is(id: int, states: Collection[State]) -> Any:
    return and_(PROMISES.c.id == id, PROMISES.c.state.in_([str(state) for state in states]))


def _fields(booking: Booking) -> dict[str, Any]:
    fields = asdict(booking) | {"state": str(booking.state), "skills": list(booking.skills)}
    del fields["id"]
    return fields


def _booking(row: RowMapping) -> Booking:
    fields = {name: row[name] for name in Booking.__dataclass_fields__}
    return Booking(**fields | {"state": State(fields["state"]), "skills": tuple(fields["skills"])})
