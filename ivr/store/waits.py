"""The waits of calls, a row each: written with a call's record, read for a desk's figures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Integer,
    RowMapping,
    String,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
)
from sqlalchemy import select as choose

from ivr.desk.ledger import Fate
from ivr.flow.record import LONGEST_TEXT, CallRecord
from ivr.past.figures import LEVELS
from ivr.past.waits import Wait, waits
from ivr.store.database import TABLES, Database, Utc

# A busy day of a thousand seats; more is counted a day at a time.
MOST = 400_000

_WAITS = Table(
    "waits",
    TABLES,
    Column("call", String(100), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("caller", String(LONGEST_TEXT), nullable=False),
    Column("desk", String(LONGEST_TEXT), nullable=False),
    Column("began", Utc, nullable=False, index=True),
    Column("waited", Float, nullable=False),
    Column("talked", Float, nullable=False),
    Column("fate", String(20), nullable=False),
    Column("agent", String(LONGEST_TEXT), nullable=False),
)


_INSERT = insert(_WAITS)
REMOVE = delete(_WAITS).where(_WAITS.c.call == bindparam("gone"))


class TooMany(ValueError):
    """More waits than can be counted at once."""


def keep(connection: Connection, record: CallRecord) -> None:
    """Keep the waits of a call that is over, of which there are none yet (see `REMOVE`)."""
    if rows := [_row(number, wait) for number, wait in enumerate(waits(record))]:
        connection.execute(_INSERT, rows)


class Waits:
    """The table of waits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, begin: datetime, end: datetime) -> list[Wait]:
        """Return the waits at all desks that began in this time. Raises StoreError, TooMany."""
        of_then = choose(_WAITS).where(_WAITS.c.began >= begin, _WAITS.c.began < end)
        async with self._database.reading() as connection:
            rows = (await connection.execute(of_then.limit(MOST + 1))).mappings().all()
        if len(rows) > MOST:
            raise TooMany(f"there are more than {MOST} waits in this time and the days around it")
        return await asyncio.to_thread(_waits, rows)

    async def newest(self, desk: str, most: int, since: datetime) -> list[Wait]:
        """Return the newest waits at a desk that began since, in their order. Raises StoreError."""
        hers = choose(_WAITS).where(_WAITS.c.desk == desk, _WAITS.c.began >= since)
        newest_first = hers.order_by(_WAITS.c.began.desc()).limit(most)
        async with self._database.reading() as connection:
            rows = (await connection.execute(newest_first)).mappings().all()
        return _waits(rows[::-1])

    async def levels(self, begin: datetime) -> dict[str, dict[int, float]]:
        """Return each desk's service levels since then: the share answered, by seconds.

        Of desks nobody waited at there are none. Raises StoreError.
        """
        was_answered = _WAITS.c.fate == Fate.ANSWERED.value
        soon = [
            func.sum(case((was_answered & (_WAITS.c.waited <= seconds), 1), else_=0))
            for seconds in LEVELS
        ]
        query = choose(_WAITS.c.desk, func.count(), *soon).where(_WAITS.c.began >= begin)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.group_by(_WAITS.c.desk))).all()
        return {
            desk: {
                seconds: round(n / all_of_them, 4) for seconds, n in zip(LEVELS, some, strict=True)
            }
            for desk, all_of_them, *some in rows
        }

    async def pace(self, desk: str, begin: datetime) -> tuple[int, float, int]:
        """Return how many calls a desk answered since then, the seconds one talked on average,
        and how many agents answered on the last day that somebody did. Raises StoreError.
        """
        answered = (
            (_WAITS.c.desk == desk)
            & (_WAITS.c.fate == Fate.ANSWERED.value)
            & (_WAITS.c.began >= begin)
        )
        query = choose(func.count(), func.avg(_WAITS.c.talked), func.max(_WAITS.c.began))
        async with self._database.reading() as connection:
            calls, talked, last = (await connection.execute(query.where(answered))).one()
            if not calls:
                return 0, 0.0, 0
            day = answered & (_WAITS.c.began > last - timedelta(days=1))
            agents = choose(func.count(func.distinct(_WAITS.c.agent))).where(day)
            return calls, float(talked), (await connection.execute(agents)).scalar_one()


def _row(number: int, wait: Wait) -> dict[str, Any]:
    return {**vars(wait), "fate": wait.fate.value, "number": number}


def _waits(rows: Sequence[RowMapping]) -> list[Wait]:
    found = []
    for row in rows:
        fields = dict(row)
        del fields["number"]
        found.append(Wait(**{**fields, "fate": Fate(fields["fate"])}))
    return found
