"""What was written once under an id and is not to be written again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.store.database import TABLES, Utc

# Nothing waits for the database so long.
REMEMBERED = timedelta(days=30)

_ONCE = Table(
    "once",
    TABLES,
    Column("id", String(100), primary_key=True),
    Column("at", Utc, nullable=False, index=True),
)


async def first(connection: AsyncConnection, id: str, at: datetime) -> bool:
    """Tell whether nothing was written under this id, and note that now something is.

    What is written beside it has to be in the same transaction.
    """
    found = await connection.execute(select(_ONCE.c.id).where(_ONCE.c.id == id))
    if found.first() is not None:
        return False
    await connection.execute(insert(_ONCE).values(id=id, at=at))
    await connection.execute(delete(_ONCE).where(_ONCE.c.at <= at - REMEMBERED))
    return True
