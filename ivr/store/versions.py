"""Versions of the flows, the history of which one serves, and what a canary's calls came to.

A version is never changed and never deleted. The history only grows: whoever adds to it gives the
decision the number after the last one known, so that of two who decide at once one is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.errors import IvrError
from ivr.flow.canary import Mark
from ivr.flow.history import Act, Decision
from ivr.flow.project import Sources
from ivr.flow.record import LONGEST_TEXT
from ivr.store.database import TABLES, Database, StoreError, Utc

_VERSIONS = Table(
    "versions",
    TABLES,
    Column("id", String(LONGEST_TEXT), primary_key=True),
    Column("author", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("published", Utc, nullable=False),
    Column("texts", Text, nullable=False),
)
_HISTORY = Table(
    "history",
    TABLES,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", String(LONGEST_TEXT), nullable=False),
    Column("act", String(20), nullable=False),
    Column("why", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("share", Integer, nullable=False),
)
_LAST = select(func.max(_HISTORY.c.number))
_MARKS = Table(
    "canary_calls",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("canary", Integer, nullable=False, index=True),  # the decision that began to try it out
    Column("version", String(LONGEST_TEXT), nullable=False),
    Column("gave_up", Boolean, nullable=False),
    Column("left_for_agent", Boolean, nullable=False),
    Column("failed", Boolean, nullable=False),
)


class DamagedVersion(IvrError):
    """What is stored under a version's name is not what was published under it."""


@dataclass(frozen=True)
class Version:
    """A version as it was published: by whom, why, and when (aware)."""

    id: str
    author: str
    message: str
    published: datetime


class Versions:
    """The tables of versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def publish(self, version: Version, sources: Sources, decision: Decision) -> bool:
        """Keep a version and add a decision about it, both or neither.

        Of a version that is known only the texts are written anew, should they be damaged. False
        when the history has gone on meanwhile; raises StoreError.
        """
        known = update(_VERSIONS).where(_VERSIONS.c.id == version.id)
        texts = json.dumps({"flows": dict(sources.flows), "prompts": dict(sources.prompts)})
        try:
            async with self._database.writing() as connection:
                await _add(connection, decision)
                if not (await connection.execute(known.values(texts=texts))).rowcount:
                    values = asdict(version) | {"texts": texts}
                    await connection.execute(insert(_VERSIONS).values(values))
        except StoreError as problem:
            return _has_gone_on(problem)
        return True

    async def decide(self, decision: Decision) -> bool:
        """Add a decision about a known version; False when the history has gone on meanwhile.

        Raises StoreError.
        """
        try:
            async with self._database.writing() as connection:
                await _add(connection, decision)
        except StoreError as problem:
            return _has_gone_on(problem)
        return True

    async def last(self) -> int:
        """Return the number of the last decision, 0 before the first. Raises StoreError."""
        return await self._database.read(_last)

    async def history(self) -> list[Decision]:
        """Return every decision, the oldest first. Raises StoreError."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(_HISTORY).order_by(_HISTORY.c.number))
            return [_decision(row) for row in rows.mappings()]

    async def all(self) -> list[Version]:
        """Return every version, the oldest first. Raises StoreError."""
        columns = (_VERSIONS.c[name] for name in Version.__dataclass_fields__)
        query = select(*columns).order_by(_VERSIONS.c.published, _VERSIONS.c.id)
        async with self._database.reading() as connection:
            return [Version(**row) for row in (await connection.execute(query)).mappings()]

    async def sources(self, id: str) -> Sources:
        """Return the texts of a version.

        Raises DamagedVersion where they are not there or not what was published, and StoreError.
        """
        query = select(_VERSIONS.c.texts).where(_VERSIONS.c.id == id)
        async with self._database.reading() as connection:
            text = (await connection.execute(query)).scalar()
        sources = _sources(text or "")
        if sources is None or sources.version != id:
            raise DamagedVersion(f"version {id} is damaged in the database")
        return sources

    async def note(self, canary: Decision, version: str, mark: Mark) -> None:
        """Keep what a call came to while a canary was tried out. Raises StoreError."""
        values = asdict(mark) | {"canary": canary.number, "version": version}
        async with self._database.writing() as connection:
            await connection.execute(insert(_MARKS).values(values))

    async def marks(self, canary: Decision, most: int) -> Mapping[bool, list[Mark]]:
        """Return the newest calls, `most` of each: True are the canary's, False the others'.

        Raises StoreError.
        """
        signs = (_MARKS.c[name] for name in Mark.__dataclass_fields__)
        calls = select(*signs).where(_MARKS.c.canary == canary.number)
        calls = calls.order_by(_MARKS.c.id.desc()).limit(most)
        its = _MARKS.c.version == canary.version
        async with self._database.reading() as connection:
            return {
                whose: [Mark(*row) for row in await connection.execute(calls.where(its == whose))]
                for whose in (True, False)
            }


async def _add(connection: AsyncConnection, decision: Decision) -> None:
    await connection.execute(insert(_HISTORY).values(asdict(decision)))


def _last(connection: Connection) -> int:
    return connection.execute(_LAST).scalar() or 0


def _decision(row: RowMapping) -> Decision:
    decision = Decision(**row)
    if decision.act not in get_args(Act):
        raise ValueError(
            f"decision {decision.number} is {decision.act!r}, which nobody here understands"
        )
    return decision


def _has_gone_on(problem: StoreError) -> bool:
    """Return False where somebody else's decision took the number; raise all other problems."""
    if isinstance(problem.__cause__, IntegrityError):
        return False
    raise problem


def _sources(text: str) -> Sources | None:
    try:
        said = json.loads(text)
        return Sources(dict(said["flows"]), dict(said["prompts"]))
    except (ValueError, TypeError, KeyError):
        return None
