"""The attempts to call back who was promised it: begun once, and ended once, whoever tries.

A controller that dies may leave one under way; what became of it the switch is asked by its token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Integer,
    RowMapping,
    String,
    Table,
    and_,
    insert,
    null,
    select,
    update,
)

from ivr.desk.agenda import Booking, Outcome, State
from ivr.store.bookings import PROMISES, change
from ivr.store.database import TABLES, Database, Utc

_ATTEMPTS = Table(
    "attempts",
    TABLES,
    Column("token", String(100), primary_key=True),
    Column("booking", Integer, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("begun", Utc, nullable=False),
    Column("rung", Utc),
    Column("ended", Utc, index=True),
    Column("outcome", String(20)),
)


@dataclass(frozen=True)
class Attempt:
    """An attempt to call somebody back. `rung` is when her own phone was about to be dialled."""

    token: str
    booking: int
    number: int
    begun: datetime
    rung: datetime | None = None
    ended: datetime | None = None
    outcome: Outcome | None = None


class Attempts:
    """The table of attempts. All its methods raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, booking: Booking, attempt: int, token: str, now: datetime) -> bool:
        """Begin an attempt; of all who try only one may, and only while nothing has changed."""
        unchanged = and_(
            PROMISES.c.id == booking.id,
            PROMISES.c.state == str(State.OPEN),
            PROMISES.c.attempts == attempt - 1,
            PROMISES.c.number == booking.number,
            PROMISES.c.not_before == booking.not_before
            if booking.not_before
            else PROMISES.c.not_before.is_(null()),
        )
        begins = {"state": str(State.DIALLING), "attempts": attempt, "token": token}
        async with self._database.writing() as connection:
            mine = update(PROMISES).where(unchanged).values(begins)
            if not (await connection.execute(mine)).rowcount:
                return False
            row = {"token": token, "booking": booking.id, "number": attempt, "begun": now}
            await connection.execute(insert(_ATTEMPTS).values(row))
            return True

    async def ring(self, token: str, now: datetime) -> bool:
        """Ask to dial her own number in this attempt: True once, and never again."""
        async with self._database.writing() as connection:
            holder = select(PROMISES.c.id).where(
                PROMISES.c.token == token, PROMISES.c.state == str(State.DIALLING)
            )
            mine = update(_ATTEMPTS).where(
                _ATTEMPTS.c.token == token,
                _ATTEMPTS.c.rung.is_(null()),
                _ATTEMPTS.c.ended.is_(null()),
                _ATTEMPTS.c.booking.in_(holder),
            )
            return bool((await connection.execute(mine.values(rung=now))).rowcount)

    async def ended(self, token: str, outcome: Outcome, after: Booking, now: datetime) -> bool:
        """End an attempt; `after` is the booking as the agenda has it then.

        False where it has ended already. A booking that was cancelled or done meanwhile stays so.
        """
        async with self._database.writing() as connection:
            mine = update(_ATTEMPTS).where(
                _ATTEMPTS.c.token == token, _ATTEMPTS.c.ended.is_(null())
            )
            done = mine.values(ended=now, outcome=str(outcome))
            if not (await connection.execute(done)).rowcount:
                return False
            held = and_(PROMISES.c.token == token, PROMISES.c.state == str(State.DIALLING))
            await change(connection, held, after, now)
            return True

    async def under_way(self) -> list[Attempt]:
        """Return the attempts that have begun and not ended, whoever began them."""
        async with self._database.reading() as connection:
            query = select(_ATTEMPTS).where(_ATTEMPTS.c.ended.is_(null()))
            rows = (await connection.execute(query.order_by(_ATTEMPTS.c.begun))).mappings()
            return [_attempt(row) for row in rows]

    async def of(self, booking: int) -> list[Attempt]:
        """Return the attempts at a booking, the first one first."""
        async with self._database.reading() as connection:
            query = select(_ATTEMPTS).where(_ATTEMPTS.c.booking == booking)
            rows = (await connection.execute(query.order_by(_ATTEMPTS.c.begun))).mappings()
            return [_attempt(row) for row in rows]


def _attempt(row: RowMapping) -> Attempt:
    outcome = row["outcome"] and Outcome(row["outcome"])
    return Attempt(**dict(row) | {"outcome": outcome})
