"""How each caller likes to be spoken to: her language and her speed, by her number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, bindparam, delete, insert, select

from ivr.flow.record import LONGEST_TEXT
from ivr.flow.talk import Choice
from ivr.store.database import TABLES, Database, Utc

_CALLERS = Table(
    "callers",
    TABLES,
    Column("number", String(LONGEST_TEXT), primary_key=True),
    Column("language", String(LONGEST_TEXT)),
    Column("speed", Integer),
    Column("chosen", Utc, nullable=False, index=True),
)

_RECALL = select(_CALLERS.c.language, _CALLERS.c.speed).where(
    _CALLERS.c.number == bindparam("hers"), _CALLERS.c.chosen > bindparam("since")
)
_FORGET = delete(_CALLERS).where(
    (_CALLERS.c.number == bindparam("hers")) | (_CALLERS.c.chosen <= bindparam("until"))
)
_REMEMBER = insert(_CALLERS)


class Callers:
    """What callers chose, kept for so long since they last chose something."""

    def __init__(self, database: Database, kept: timedelta) -> None:
        self._database = database
        self._kept = kept

    async def recall(self, number: str, now: datetime) -> Choice:
        """Return what is known of a caller, nothing of a withheld number. Raises StoreError."""
        if not number or not self._kept:
            return Choice()
        known = {"hers": number, "since": now - self._kept}
        row = await self._database.read(partial(_recalled, known))
        return Choice() if row is None else Choice(row.language, row.speed)

    async def remember(self, number: str, choice: Choice, now: datetime) -> None:
        """Keep what a caller chose; what she did not choose anew stays. Raises StoreError.

        Whoever's time is over goes with it: a controller may run for longer than anything is kept.
        """
        if not number or not self._kept or choice == Choice():
            return
        since = now - self._kept

        def write(connection: Connection) -> None:
            before = _recalled({"hers": number, "since": since}, connection)
            fresh = {
                "language": choice.language or (before and before.language),
                "speed": choice.speed or (before and before.speed),
            }
            connection.execute(_FORGET, {"hers": number, "until": since})
            connection.execute(_REMEMBER, {"number": number, "chosen": now, **fresh})

        await self._database.write(write)

    async def forget(self, now: datetime) -> int:
        """Delete what was kept long enough; return how many callers that were. Raises StoreError.

        With nothing kept at all, everybody is forgotten.
        """
        old = delete(_CALLERS).where(_CALLERS.c.chosen <= now - self._kept)
        async with self._database.writing() as connection:
            return int((await connection.execute(old)).rowcount)


def _recalled(known: Mapping[str, Any], connection: Connection) -> Any:
    return connection.execute(_RECALL, known).one_or_none()
