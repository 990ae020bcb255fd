"""One database for all that is kept: SQLite by default, any async SQLAlchemy URL.

Every access is over within `DEADLINE` + `BUSY` seconds, one way or the other, and whatever goes
wrong is a `StoreError`: a database that is locked or gone costs a call nothing but its record.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, DateTime, Dialect, MetaData, TypeDecorator, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ivr.errors import IvrError
from ivr.store.swift import Result, Swift
from ivr.store.together import Together

DEADLINE = 3.0  # seconds for any access, waiting for its turn included
BUSY = 1.5  # seconds SQLite waits for another's lock; its thread cannot be called off meanwhile

TABLES = MetaData()
"""Every table of ours; a table names itself here and is made where it is missing."""


class StoreError(IvrError):
    """The database did not do what it was asked: locked, gone, full, or not ours."""


class Utc(TypeDecorator[datetime]):
    """Aware moments, kept in UTC; SQLite drops the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class Database:
    """A connected database. Made by `open`, given back by `close`."""

    def __init__(self, engine: AsyncEngine, swift: Swift | None = None) -> None:
        self._engine = engine
        self._swift = swift
        self._together = Together(self._do_in_turn)
        # One writer at a time: SQLite has one anyhow, and a queue is fairer than its busy wait.
        self._turn = asyncio.Lock()
        self._finding = asyncio.Lock()
        self._open = True
        # Where its tables are in a file: which one that is.
        self._file: Path | None = None
        self._inode = 0

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect, and make the tables where they are missing. Raises StoreError.

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
        swift = None
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _set_up_sqlite)
            if _file(where):
                swift = Swift(where, _set_up_sqlite)
        database = cls(engine, swift)
        try:
            async with database.access("opened"):
                await database._make()
        except StoreError:
            await database.close()
            raise
        if path := _file(where):
            database._file, database._inode = path, path.stat().st_ino
        return database

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Hold the only turn to write, in one transaction. Raises StoreError."""
        async with self.access("written"), self._turn, self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Hold a connection to read by. Raises StoreError."""
        async with self.access("read"), self._engine.connect() as connection:
            yield connection

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Have all of some work written or nothing, with what others write now. Raises StoreError.

        For what is written with every call: `writing` goes back and forth for each statement.
        """
        async with self.access("written"):
            return await self._together.do(work)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Have some work read, as `write` writes. Raises StoreError."""
        async with self.access("read"):
            return await self._do(work)

    async def _do_in_turn(self, work: Callable[[Connection], Result]) -> Result:
        async with self._turn:
            return await self._do(work)

    async def _do(self, work: Callable[[Connection], Result]) -> Result:
        if self._swift:
            return await self._swift.do(work)
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def compact(self) -> None:
        """Leave nothing of what was deleted on disk, as far as it is ours. Raises StoreError.

        SQLite's log holds pages as they were until it is emptied, for which no reader may be busy.
        """
        if self._engine.dialect.name == "sqlite":
            async with self.access("written"), self._turn, self._engine.connect() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give every connection back; safe more than once. All access afterwards is refused."""
        self._open = False
        await self._together.close()
        await self._engine.dispose()
        if self._swift:
            await self._swift.close()

    @asynccontextmanager
    async def access(self, doing: str) -> AsyncIterator[None]:
        """Bound the time of an access, and tell whatever goes wrong in it as a StoreError."""
        if not self._open:
            raise StoreError(f"the call records cannot be {doing}: they were closed")
        try:
            async with asyncio.timeout(DEADLINE):
                await self._find()
                yield
        except TimeoutError as problem:
            raise _told(doing, TimeoutError(f"no answer within {DEADLINE:g} s")) from problem
        except (SQLAlchemyError, OSError, ValueError) as problem:
            raise _told(doing, problem) from problem

    async def _make(self) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(TABLES.create_all)

    async def _find(self) -> None:
        """Go on with the file that is there now, for another may have been put in its place.

        SQLite writes into a file that was deleted until it is closed, and all of that is lost.
        Raises OSError where there is none.
        """
        if self._file is None:
            return
        if self._there(self._file) == self._inode:
            return
        async with self._finding:
            if (inode := self._there(self._file)) != self._inode:
                await self._engine.dispose()
                if self._swift:
                    self._swift.forget()
                await self._make()
                self._inode = inode  # not before: until it has its tables it is found again

    @staticmethod
    def _there(file: Path) -> int:
        try:
            return file.stat().st_ino
        except FileNotFoundError:
            raise OSError(f"{file} is gone; put it back") from None


def _told(doing: str, problem: BaseException) -> StoreError:
    """Say what went wrong without SQL, values or passwords."""
    cause = problem.orig if isinstance(problem, DBAPIError) and problem.orig else problem
    reason = (str(cause).splitlines() or [type(cause).__name__])[0]
    return StoreError(f"the call records could not be {doing}: {reason}")


def _file(url: URL) -> Path | None:
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name.startswith((":memory:", "file:")):
        return None
    return Path(name)


def _make_private(url: URL) -> None:
    if (path := _file(url)) is None:
        return
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        path.chmod(0o600)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(BUSY * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        # What is deleted is overwritten: numbers of callers are not left in free pages.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()
    except BaseException:  # nobody else knows of the connection, whose thread would stay
        connection.close()
        raise
