"""The audit: who listened to whom, and what else is done that somebody may be asked about later.

It is only ever added to. What lasts has two entries, one when it begins and one when it ends; the
second names the first (`of`). `acts` puts them together again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import DDL, Column, Index, Integer, String, Table, Text, event, insert, select
from sqlalchemy.schema import ExecutableDDLElement

from ivr.flow.record import LONGEST_TEXT
from ivr.store.database import TABLES, Database, Utc

Outcome = Literal["refused", "asked", "began", "ended", "done"]
# Acts that are listed at most.
MOST = 1000

_AUDIT = Table(
    "audit",
    TABLES,
    Column("number", Integer, primary_key=True),
    Column("at", Utc, nullable=False, index=True),
    Column("who", String(LONGEST_TEXT), nullable=False),
    Column("what", String(LONGEST_TEXT), nullable=False),
    Column("whom", String(LONGEST_TEXT), nullable=False, index=True),
    Column("call", String(100), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("why", Text, nullable=False),
    Column("of", Integer, nullable=False),
    # A number is never given twice: entries name each other by it.
    sqlite_autoincrement=True,
)
Index("audit_of", _AUDIT.c.of)
# Not even by a slip, or by hand.
for _change in ("UPDATE", "DELETE"):
    _refusal = (
        f"CREATE TRIGGER audit_no_{_change.lower()} BEFORE {_change} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END"
    )
    _trigger: ExecutableDDLElement = DDL(_refusal)  # type: ignore[no-untyped-call]
    event.listen(_AUDIT, "after_create", _trigger.execute_if(dialect="sqlite"))


@dataclass(frozen=True)
class Entry:
    """What somebody did, or was refused.

    `who` is an agent's number, an account, `operator` or `hotline`, `what` a verb such as
    `listen`, `whom` the agent it was about, `call` the id of the record of the call, "" where there
    is none.
    """

    at: datetime
    who: str
    what: str
    whom: str
    outcome: Outcome
    call: str = ""
    why: str = ""
    of: int = 0
    number: int = 0


@dataclass(frozen=True)
class Act:
    """An entry with its end: `until` is None for what still goes on, and `at` for what is done.

    `why` is the entry's, and what is told of the end.
    """

    entry: Entry
    until: datetime | None
    why: str = ""


class Audit:
    """The table of entries. There is nothing here that changes one, or takes one away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, entry: Entry) -> int:
        """Add an entry; return its number. Raises StoreError: then let nothing be done."""
        fields = {name: value for name, value in asdict(entry).items() if name != "number"}
        async with self._database.writing() as connection:
            made = await connection.execute(insert(_AUDIT).values(**fields))
            (number,) = made.inserted_primary_key or (0,)
        return int(number)

    async def end(self, number: int, at: datetime, why: str = "") -> None:
        """Add the end of what began with an entry. Raises StoreError, KeyError where it did not."""
        query = select(_AUDIT).where(_AUDIT.c.number == number)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().first()
        if found is None:
            raise KeyError(number)
        begun = Entry(**found)
        await self.write(replace(begun, at=at, outcome="ended", why=why, of=number, number=0))

    async def close_left(self, at: datetime, why: str) -> int:
        """End what a controller that is gone has left open; return how much. Raises StoreError."""
        ends = select(_AUDIT.c.of)
        left = select(_AUDIT.c.number).where(
            _AUDIT.c.outcome == "began", _AUDIT.c.number.not_in(ends)
        )
        async with self._database.reading() as connection:
            numbers = (await connection.execute(left)).scalars().all()
        for number in numbers:
            await self.end(number, at, why)
        return len(numbers)

    async def acts(
        self, begin: datetime, end: datetime, whom: str | None = None, most: int = MOST
    ) -> list[Act]:
        """Return what was begun or done in a period, newest first. Raises StoreError."""
        entries = select(_AUDIT).where(_AUDIT.c.at >= begin, _AUDIT.c.at < end, _AUDIT.c.of == 0)
        if whom is not None:
            entries = entries.where(_AUDIT.c.whom == whom)
        entries = entries.order_by(_AUDIT.c.number.desc()).limit(most)
        async with self._database.reading() as connection:
            begun = [Entry(**row) for row in (await connection.execute(entries)).mappings()]
            numbers = [entry.number for entry in begun]
            ends = select(_AUDIT).where(_AUDIT.c.of.in_(numbers))
            ended = [Entry(**row) for row in (await connection.execute(ends)).mappings()]
        return list(acts(begun, ended))


def acts(begun: Iterable[Entry], ended: Iterable[Entry]) -> Iterator[Act]:
    """Yield each entry with its end, in the order of the first; of several ends the last counts."""
    ends = {entry.of: entry for entry in ended}
    for entry in begun:
        end = ends.get(entry.number) if entry.outcome == "began" else entry
        said = dict.fromkeys((entry.why, end.why if end else ""))
        yield Act(entry, end.at if end else None, "; ".join(filter(None, said)))
