"""The records of calls in a database: SQLite by default, any async SQLAlchemy URL.

Every access is over within `DEADLINE` + `BUSY` seconds, one way or the other, and whatever goes
wrong is a `StoreError`: a database that is locked or gone costs a call nothing but its record.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    TypeDecorator,
    delete,
    event,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ivr.errors import IvrError
from ivr.flow.record import LONGEST_TEXT, CallRecord

DEADLINE = 3.0  # seconds for any access, waiting for its turn included
BUSY = 1.5  # seconds SQLite waits for another's lock; its thread cannot be called off meanwhile
MOST = 1000


class StoreError(IvrError):
    """The database did not do what it was asked: locked, gone, full, or not ours."""


class _Utc(TypeDecorator[datetime]):
    """Aware moments, kept in UTC; SQLite drops the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


_CALLS = Table(
    "calls",
    MetaData(),
    Column("id", String(100), primary_key=True),
    Column("started", _Utc, nullable=False, index=True),
    Column("ended", _Utc),
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
_DETAIL = {"path", "keys", "heard"}


class Calls:
    """The table of call records. Made by `open`, given back by `close`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        # One writer at a time: SQLite has one anyhow, and a queue is fairer than its busy wait.
        self._turn = asyncio.Lock()
        # One reader at a time, too: a page that lists a thousand calls must neither keep the
        # writer from a connection nor the processor from those who are talking.
        self._reading = asyncio.Semaphore(1)
        self._open = True

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect, and make the table where it is missing. Raises StoreError.

        `url` is like `sqlite+aiosqlite:////var/lib/ivr/calls.db`. A SQLite file is made
        readable by its owner alone, for it holds people's numbers.
        """
        try:
            where = make_url(url)
            engine = create_async_engine(
                where,
                hide_parameters=True,
                pool_pre_ping=where.get_backend_name() != "sqlite",
            )
            _make_private(where)
        except (SQLAlchemyError, ImportError, OSError) as problem:
            raise _told("opened", problem) from problem
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _set_up_sqlite)
        calls = cls(engine)
        try:
            async with calls._access("opened"), engine.begin() as connection:
                await connection.run_sync(_CALLS.metadata.create_all)
        except StoreError:
            await calls.close()
            raise
        return calls

    async def begin(self, record: CallRecord) -> bool:
        """Keep the record of a call that begins; False when its id is known. Raises StoreError."""
        try:
            async with self._access("written"), self._turn, self._engine.begin() as connection:
                await connection.execute(insert(_CALLS).values(_row(record)))
        except StoreError as problem:
            if isinstance(problem.__cause__, IntegrityError):
                return False
            raise
        return True

    async def write(self, record: CallRecord) -> None:
        """Keep the record in place of any with the same id. Raises StoreError."""
        async with (
            self._access("written"),
            self._turn,
            self._engine.begin() as connection,
        ):
            await connection.execute(delete(_CALLS).where(_CALLS.c.id == record.id))
            await connection.execute(insert(_CALLS).values(_row(record)))

    async def close_left(self, outcome: str, why: str, at: datetime) -> int:
        """Close the records of calls that never ended; return how many. Raises StoreError."""
        left = update(_CALLS).where(_CALLS.c.ended.is_(None))
        async with self._access("written"), self._turn, self._engine.begin() as connection:
            done = await connection.execute(left.values(outcome=outcome, why=why, ended=at))
            return int(done.rowcount)

    async def latest(self, limit: int, before: datetime | None = None) -> list[CallRecord]:
        """Return at most `limit` (1 to 1000) calls, newest first; begun before `before` if given.

        Raises StoreError, and ValueError for a limit out of range.
        """
        if not 1 <= limit <= MOST:
            raise ValueError(f"limit is 1 to {MOST}, not {limit}")
        query = select(_CALLS).order_by(_CALLS.c.started.desc(), _CALLS.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(_CALLS.c.started < before)
        async with self._access("read"), self._reading:
            async with self._engine.connect() as connection:
                rows = (await connection.execute(query)).mappings().all()
            # A thousand long calls take a second to read: not on the loop that calls run on.
            return await asyncio.to_thread(lambda: [_record(row) for row in rows])

    async def find(self, id: str) -> CallRecord | None:
        """Return the call of this id, or None. Raises StoreError."""
        query = select(_CALLS).where(_CALLS.c.id == id)
        async with self._access("read"), self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            return None if row is None else _record(row)

    async def close(self) -> None:
        """Give every connection back; safe more than once. All access afterwards is refused."""
        self._open = False
        await self._engine.dispose()

    @asynccontextmanager
    async def _access(self, doing: str) -> AsyncIterator[None]:
        if not self._open:
            raise StoreError(f"the call records cannot be {doing}: they were closed")
        try:
            async with asyncio.timeout(DEADLINE):
                yield
        except TimeoutError as problem:
            raise _told(doing, TimeoutError(f"no answer within {DEADLINE:g} s")) from problem
        except (SQLAlchemyError, OSError, ValueError) as problem:
            raise _told(doing, problem) from problem


def _row(record: CallRecord) -> dict[str, Any]:
    detail = record.model_dump_json(by_alias=True, include=_DETAIL)
    return record.model_dump(exclude=_DETAIL) | {"detail": detail}


def _record(row: RowMapping) -> CallRecord:
    fields = dict(row)
    return CallRecord.model_validate(json.loads(fields.pop("detail")) | fields)


def _told(doing: str, problem: BaseException) -> StoreError:
    """Say what went wrong without SQL, values or passwords."""
    cause = problem.orig if isinstance(problem, DBAPIError) and problem.orig else problem
    reason = (str(cause).splitlines() or [type(cause).__name__])[0]
    return StoreError(f"the call records could not be {doing}: {reason}")


def _make_private(url: URL) -> None:
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return
    try:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        Path(name).chmod(0o600)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()
