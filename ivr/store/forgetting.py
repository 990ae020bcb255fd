"""What is known of callers, deleted: when its time is over, or by a number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.flow.story import channel_of
from ivr.store import attempts, bookings, callers, calls, marks, tellings, waits
from ivr.store.database import TABLES, Database

AT_ONCE = 200  # calls of a transaction: whoever writes a record waits no longer than that takes
_KEPT_BY = (attempts, bookings, callers, calls, marks, tellings, waits)  # their tables are known


@dataclass(frozen=True)
class Forgotten:
    """What was deleted: the ids of calls, and how many promises of calls back."""

    calls: Sequence[str]
    promises: int
    still_promised: int


class Forgetting:
    """Deletes; every method may raise StoreError.

    Talks have a time of their own, and their sound: `ivr.records.archive` deletes them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def over(self, before: datetime) -> list[str]:
        """Delete some of the calls that were over before then; return their ids, none at the end.

        One that never ended is over when it began.
        """
        records = _table("calls")
        is_over = func.coalesce(records.c.ended, records.c.started) < before
        return await self._calls(is_over)

    async def of(self, number: str) -> Forgotten:
        """Delete what is known of a number. A call back that is still promised stays."""
        gone: list[str] = []
        records, promises = _table("calls"), _table("promises")
        while some := await self._calls(records.c.caller == number):
            gone += some
        hers = promises.c.number == number
        live = promises.c.state.in_(bookings.LIVE)
        async with self._database.writing() as connection:
            for name in ("callers", "waits", "marks"):
                table = _table(name)
                column = table.c.number if name == "callers" else table.c.caller
                await connection.execute(delete(table).where(column == number))
            over = select(promises.c.id).where(hers, ~live)
            ids = (await connection.execute(over)).scalars().all()
            await _delete(connection, _table("attempts").c.booking, ids)
            await _delete(connection, promises.c.id, ids)
            left = select(func.count()).select_from(promises).where(hers, live)
            still = int((await connection.execute(left)).scalar_one())
        return Forgotten(gone, len(ids), still)

    async def _calls(self, which: ColumnElement[bool]) -> list[str]:
        records = _table("calls")
        some = select(records.c.id).where(which).order_by(records.c.started).limit(AT_ONCE)
        async with self._database.writing() as connection:
            ids = list((await connection.execute(some)).scalars().all())
            for name in ("waits", "marks"):
                await _delete(connection, _table(name).c.call, ids)
            told = _table("tellings").c.call
            await _delete(connection, told, {channel_of(id) for id in ids})
            await _delete(connection, records.c.id, ids)
        return ids


async def _delete(
    connection: AsyncConnection, column: Column[Any], values: Collection[object]
) -> None:
    await connection.execute(delete(column.table).where(column.in_(values)))


def _table(name: str) -> Table:
    return TABLES.tables[name]
