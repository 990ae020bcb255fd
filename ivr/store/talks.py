"""The recorded talks: what there is, of whom, and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, Float, String, Table, delete, insert, select

from ivr.flow.record import LONGEST_TEXT
from ivr.flow.story import channel_of
from ivr.past.tapes import Tape
from ivr.store.database import TABLES, Database, Utc

MOST = 1000

_TALKS = Table(
    "talks",
    TABLES,
    Column("name", String(110), primary_key=True),
    # The call with all its parts.
    Column("channel", String(100), nullable=False, index=True),
    Column("call", String(100), nullable=False),
    Column("caller", String(LONGEST_TEXT), nullable=False, index=True),
    Column("desk", String(LONGEST_TEXT), nullable=False),
    Column("agent", String(LONGEST_TEXT), nullable=False),
    Column("began", Utc, nullable=False, index=True),
    Column("seconds", Float, nullable=False),
    Column("keep_until", Utc, nullable=False, index=True),
)


class Talks:
    """The table of recorded talks. The sound is in files of these names (`ivr.records.archive`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, tape: Tape) -> None:
        """Keep a talk, in place of one of the same name. Raises StoreError."""
        async with self._database.writing() as connection:
            await connection.execute(delete(_TALKS).where(_TALKS.c.name == tape.name))
            row = {**asdict(tape), "channel": channel_of(tape.call)}
            await connection.execute(insert(_TALKS).values(row))

    async def find(
        self,
        *,
        name: str | None = None,
        call: str | None = None,
        caller: str | None = None,
        agents: Collection[str] | None = None,
        begin: datetime | None = None,
        end: datetime | None = None,
        over: datetime | None = None,
    ) -> list[Tape]:
        """Return the talks of whom all that is given is true, newest first, a thousand at most.

        `call` may be any part of one; of `agents` the talk is with one; it began from `begin` until
        before `end`; it was kept until before `over`. Raises StoreError.
        """
        query = select(_TALKS).order_by(_TALKS.c.began.desc(), _TALKS.c.name)
        if name is not None:
            query = query.where(_TALKS.c.name == name)
        if call is not None:
            query = query.where(_TALKS.c.channel == channel_of(call))
        if caller is not None:
            query = query.where(_TALKS.c.caller == caller)
        if agents is not None:
            query = query.where(_TALKS.c.agent.in_(agents))
        if begin is not None:
            query = query.where(_TALKS.c.began >= begin)
        if end is not None:
            query = query.where(_TALKS.c.began < end)
        if over is not None:
            query = query.where(_TALKS.c.keep_until < over)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.limit(MOST))).mappings().all()
        return [Tape(**{name: row[name] for name in Tape.__dataclass_fields__}) for row in rows]

    async def forget(self, name: str) -> None:
        """Take a talk off the list. Raises StoreError."""
        async with self._database.writing() as connection:
            await connection.execute(delete(_TALKS).where(_TALKS.c.name == name))
