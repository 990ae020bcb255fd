"""What is announced: where, in which languages, until when, by whom; and to how many calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from ivr.flow.announcement import Announcement
from ivr.flow.fields import PromptName
from ivr.flow.prompts import plain
from ivr.flow.speech import Clip, Place
from ivr.store.database import TABLES, Database, Utc

_ANNOUNCEMENTS = Table(
    "announcements",
    TABLES,
    Column("id", Integer, primary_key=True),
    # JSON, as text: alike in every database.
    Column("places", Text, nullable=False),
    Column("texts", Text, nullable=False),
    Column("recorded", Text, nullable=False),
    Column("folder", String(32), nullable=False),
    Column("since", Utc, nullable=False),
    Column("until", Utc, nullable=False, index=True),
    Column("by", String(100), nullable=False),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Column("heard", Integer, nullable=False, default=0),
    # A number is never given twice: records of calls name announcements by it.
    sqlite_autoincrement=True,
)
_SINCE = (
    select(_ANNOUNCEMENTS)
    .where(_ANNOUNCEMENTS.c.until > bindparam("moment"))
    .order_by(_ANNOUNCEMENTS.c.id)
)
_JSON = ("places", "texts", "recorded")


@dataclass(frozen=True)
class Notice:
    """An announcement as it is kept.

    `texts` has the words of each language, and for one of `recorded` the name of a sound file.
    `folder` is the name of the folder of its sounds. Who withdraws it brings `until` forward.
    """

    places: tuple[str, ...]
    texts: Mapping[str, str]
    recorded: tuple[str, ...]
    folder: str
    since: datetime
    until: datetime
    by: str
    id: int = 0
    withdrawn: bool = False
    heard: int = 0

    @property
    def name(self) -> str:
        """What records of calls call it; a prompt's id has no space in it."""
        return f"announcement {self.id}"

    @property
    def said(self) -> dict[str, tuple[Place, ...]]:
        """What is said in each language. A sound file is one clip, which no other file has."""
        return {
            language: (Place(Clip(f"♪ {text} ({self.folder})", language), 0, 0),)
            if language in self.recorded
            else plain(text, language)
            for language, text in self.texts.items()
        }

    @property
    def clips(self) -> tuple[Clip, ...]:
        """Every clip that is said, each once."""
        items = (place.item for places in self.said.values() for place in places)
        return tuple(dict.fromkeys(item for item in items if isinstance(item, Clip)))

    def announcement(self) -> Announcement:
        """Return it as a call takes it."""
        name, places = PromptName(self.name), frozenset(self.places)
        return Announcement(name, {}, places, self.said, self.since, self.until)


class Announcements:
    """The table of announcements, each of them a `Notice`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, notice: Notice) -> int:
        """Keep a new announcement; return its number. Raises StoreError."""
        fields = {name: value for name, value in vars(notice).items() if name != "id"}
        fields |= {name: json.dumps(fields[name], ensure_ascii=False) for name in _JSON}
        async with self._database.writing() as connection:
            done = await connection.execute(insert(_ANNOUNCEMENTS).values(**fields))
            (number,) = done.inserted_primary_key or (0,)
        return int(number)

    async def since(self, moment: datetime) -> tuple[Notice, ...]:
        """Return what is announced, or was at this moment or later, the oldest first.

        Raises StoreError.
        """
        return await self._database.read(partial(_since, moment))

    async def withdraw(self, number: int, now: datetime) -> bool:
        """End an announcement; False where there is none of this number any more.

        Raises StoreError.
        """
        on_air = (_ANNOUNCEMENTS.c.id == number) & (_ANNOUNCEMENTS.c.until > now)
        ended = update(_ANNOUNCEMENTS).where(on_air).values(until=now, withdrawn=True)
        async with self._database.writing() as connection:
            return bool((await connection.execute(ended)).rowcount)

    async def count(self, heard: Mapping[int, int]) -> None:
        """Add how many more calls have heard each announcement. Raises StoreError."""
        table = _ANNOUNCEMENTS
        async with self._database.writing() as connection:
            for number, calls in heard.items():
                more = update(table).where(table.c.id == number)
                await connection.execute(more.values(heard=table.c.heard + calls))

    async def forget(self, now: datetime, kept: timedelta) -> None:
        """Delete what ended so long ago. Raises StoreError."""
        old = delete(_ANNOUNCEMENTS).where(_ANNOUNCEMENTS.c.until <= now - kept)
        async with self._database.writing() as connection:
            await connection.execute(old)


def _since(moment: datetime, connection: Connection) -> tuple[Notice, ...]:
    return tuple(map(_notice, connection.execute(_SINCE, {"moment": moment}).mappings()))


def _notice(row: RowMapping) -> Notice:
    fields: dict[str, Any] = {**row, **{name: json.loads(row[name]) for name in _JSON}}
    if [type(fields[name]) for name in _JSON] != [list, dict, list]:
        raise ValueError(f"announcement {row['id']} is damaged")
    lists = {name: tuple(fields[name]) for name in ("places", "recorded")}
    return Notice(**(fields | lists))
