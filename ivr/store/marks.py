"""The marks callers gave, a row each: written with a call's record."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, bindparam, delete, insert, select

from ivr.flow.record import LONGEST_TEXT, CallRecord
from ivr.past.marks import Mark, mark_of
from ivr.store.database import TABLES, Database, Utc

_MARKS = Table(
    "marks",
    TABLES,
    Column("call", String(100), primary_key=True),
    Column("caller", String(LONGEST_TEXT), nullable=False),
    Column("desk", String(LONGEST_TEXT), nullable=False),
    Column("agent", String(LONGEST_TEXT), nullable=False),
    Column("given", Utc, nullable=False, index=True),
    Column("mark", Integer, nullable=False),
)


_INSERT = insert(_MARKS)
REMOVE = delete(_MARKS).where(_MARKS.c.call == bindparam("gone"))


def keep(connection: Connection, record: CallRecord) -> None:
    """Keep the mark of a call that is over, of which there is none yet (see `REMOVE`)."""
    if mark := mark_of(record):
        connection.execute(_INSERT, asdict(mark))


class Marks:
    """The table of marks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, begin: datetime, end: datetime) -> list[Mark]:
        """Return the marks given from `begin` until before `end`, first ones first.

        Raises StoreError.
        """
        then = select(_MARKS).where(_MARKS.c.given >= begin, _MARKS.c.given < end)
        async with self._database.reading() as connection:
            rows = (await connection.execute(then.order_by(_MARKS.c.given))).mappings().all()
        return [Mark(**row) for row in rows]
