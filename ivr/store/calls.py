"""The records of calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    RowMapping,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ivr.flow.record import LONGEST_TEXT, CallRecord
from ivr.store import marks, waits
from ivr.store.database import TABLES, Database, StoreError, Utc

MOST = 1000
# Values in one statement, of which a database takes only so many.
MOST_AT_ONCE = 500

_CALLS = Table(
    "calls",
    TABLES,
    Column("id", String(100), primary_key=True),
    Column("started", Utc, nullable=False, index=True),
    Column("ended", Utc),
    Column("caller", String(LONGEST_TEXT), nullable=False, index=True),
    Column("called", String(LONGEST_TEXT), nullable=False),
    Column("flow", String(LONGEST_TEXT), nullable=False),
    Column("version", String(LONGEST_TEXT), nullable=False),
    Column("language", String(LONGEST_TEXT), nullable=False),
    Column("speed", String(LONGEST_TEXT), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("why", Text, nullable=False),
    # JSON, as text: parsed off the loop that calls run on, and alike in every database.
    Column("detail", Text, nullable=False),
)
# Made once: SQLAlchemy finds what it compiled for a statement by all that the statement says, which
# takes longer than the database does.
_INSERT = insert(_CALLS)
_END = update(_CALLS).where(_CALLS.c.id == bindparam("begun"), _CALLS.c.ended.is_(None))
_REMOVE = delete(_CALLS).where(_CALLS.c.id == bindparam("gone"))
_DETAIL = {"path", "keys", "heard", "asked", "recalled", "after", "passed_by", "passed_to"}


class Calls:
    """The table of call records."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # One reader at a time: a page that lists a thousand calls must neither keep the writer
        # from a connection nor the processor from those who are talking.
        self._reading = asyncio.Semaphore(1)

    async def begin(self, record: CallRecord) -> bool:
        """Keep the record of a call that begins; False when its id is known. Raises StoreError."""
        try:
            await self._database.write(partial(_begin, record))
        except StoreError as problem:
            if isinstance(problem.__cause__, IntegrityError):
                return False
            raise
        return True

    async def write(self, record: CallRecord) -> None:
        """Keep the record, its waits and its mark, in place of any with the same id.

        Raises StoreError.
        """
        try:
            await self._database.write(partial(_write, record))
        except StoreError as problem:
            if not isinstance(problem.__cause__, IntegrityError):
                raise
            # Somebody's hand has been there: waits of a call that was not over.
            await self._database.write(partial(_write_anew, record))

    async def open(self) -> list[str]:
        """Return the ids of calls that have not ended. Raises StoreError."""
        query = select(_CALLS.c.id).where(_CALLS.c.ended.is_(None))
        async with self._database.reading() as connection:
            return list((await connection.execute(query)).scalars())

    async def close_left(self, ids: Sequence[str], outcome: str, why: str, at: datetime) -> int:
        """Close those of these records that never ended; return how many. Raises StoreError."""
        closed = 0
        for first in range(0, len(ids), MOST_AT_ONCE):
            some = ids[first : first + MOST_AT_ONCE]
            left = update(_CALLS).where(_CALLS.c.ended.is_(None), _CALLS.c.id.in_(some))
            async with self._database.writing() as connection:
                done = await connection.execute(left.values(outcome=outcome, why=why, ended=at))
                closed += int(done.rowcount)
        return closed

    async def left(self, before: datetime) -> int:
        """Return how many records of calls begun before then have no end. Raises StoreError."""
        open_ = select(func.count()).where(_CALLS.c.ended.is_(None), _CALLS.c.started < before)
        async with self._database.reading() as connection:
            return int((await connection.execute(open_)).scalar_one())

    async def latest(self, limit: int, before: datetime | None = None) -> list[CallRecord]:
        """Return at most `limit` (1 to 1000) calls, newest first; begun before `before` if given.

        Raises StoreError, and ValueError for a limit out of range.
        """
        if not 1 <= limit <= MOST:
            raise ValueError(f"limit is 1 to {MOST}, not {limit}")
        query = select(_CALLS).order_by(_CALLS.c.started.desc(), _CALLS.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(_CALLS.c.started < before)
        async with self._database.access("read"), self._reading:
            async with self._database.reading() as connection:
                rows = (await connection.execute(query)).mappings().all()
            # A thousand long calls take a second to read: not on the loop that calls run on.
            return await asyncio.to_thread(_records, rows)

    async def since(self, moment: datetime) -> AsyncIterator[list[CallRecord]]:
        """Yield the calls begun at a moment or later, oldest first, a thousand at a time.

        Raises StoreError.
        """
        begun, last = moment, ""
        while True:
            later = or_(
                _CALLS.c.started > begun, and_(_CALLS.c.started == begun, _CALLS.c.id > last)
            )
            query = select(_CALLS).where(later).order_by(_CALLS.c.started, _CALLS.c.id).limit(MOST)
            async with self._database.access("read"), self._reading:
                async with self._database.reading() as connection:
                    rows = (await connection.execute(query)).mappings().all()
                records = await asyncio.to_thread(_records, rows)
            if not records:
                return
            begun, last = records[-1].started, records[-1].id
            yield records

    async def by_version(self) -> dict[str, int]:
        """Return how many calls each version has led. Raises StoreError."""
        query = select(_CALLS.c.version, func.count()).group_by(_CALLS.c.version)
        async with self._database.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def find(self, id: str) -> CallRecord | None:
        """Return the call of this id, or None. Raises StoreError."""
        query = select(_CALLS).where(_CALLS.c.id == id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            return None if row is None else _record(row)


def _begin(record: CallRecord, connection: Connection) -> None:
    connection.execute(_INSERT, _row(record))


def _write(record: CallRecord, connection: Connection) -> None:
    # As a rule a call has begun here, and there is nothing of it but that.
    if record.ended and connection.execute(_END, _end(record)).rowcount == 1:
        waits.keep(connection, record)
        marks.keep(connection, record)
    else:
        _write_anew(record, connection)


def _write_anew(record: CallRecord, connection: Connection) -> None:
    for removed in (_REMOVE, waits.REMOVE, marks.REMOVE):
        connection.execute(removed, {"gone": record.id})
    connection.execute(_INSERT, _row(record))
    if record.ended:
        waits.keep(connection, record)
        marks.keep(connection, record)


def _end(record: CallRecord) -> dict[str, Any]:
    row = _row(record)
    return row | {"begun": row.pop("id")}


def _row(record: CallRecord) -> dict[str, Any]:
    detail = record.model_dump_json(by_alias=True, include=_DETAIL)
    return record.model_dump(exclude=_DETAIL) | {"detail": detail}


def _record(row: RowMapping) -> CallRecord:
    fields = dict(row)
    return CallRecord.model_validate(json.loads(fields.pop("detail")) | fields)


def _records(rows: Sequence[RowMapping]) -> list[CallRecord]:
    return [_record(row) for row in rows]
