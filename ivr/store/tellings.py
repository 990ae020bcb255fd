"""What callers were told of their waits, a row for each time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, Float, Integer, String, Table, insert, select

from ivr.flow.record import LONGEST_TEXT
from ivr.past.tellings import Telling
from ivr.store.database import TABLES, Database, Utc
from ivr.store.waits import MOST, TooMany

_TELLINGS = Table(
    "tellings",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("call", String(100), nullable=False),
    Column("desk", String(LONGEST_TEXT), nullable=False),
    Column("place", Integer, nullable=False),
    Column("told", Float),
    Column("expected", Float),
    Column("at", Utc, nullable=False, index=True),
)


class Tellings:
    """The table of what was told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, tellings: Sequence[Telling]) -> None:
        """Keep what was told. Raises StoreError."""
        async with self._database.writing() as connection:
            await connection.execute(insert(_TELLINGS), [asdict(each) for each in tellings])

    async def between(self, begin: datetime, end: datetime) -> list[Telling]:
        """Return what was told from then until before then. Raises StoreError, TooMany."""
        of_then = select(_TELLINGS).where(_TELLINGS.c.at >= begin, _TELLINGS.c.at < end)
        async with self._database.reading() as connection:
            ordered = of_then.order_by(_TELLINGS.c.id).limit(MOST + 1)
            rows = (await connection.execute(ordered)).mappings().all()
        if len(rows) > MOST:
            raise TooMany(f"more than {MOST} waits were told in this time")
        return await asyncio.to_thread(
            lambda: [Telling(**{k: v for k, v in row.items() if k != "id"}) for row in rows]
        )
