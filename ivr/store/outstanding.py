"""How many calls back are promised, by desk and what became of them, counted by the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ivr.desk.agenda import State
from ivr.store.bookings import LIVE, PROMISES
from ivr.store.database import Database


@dataclass(frozen=True)
class Outstanding:
    """`states` counts bookings by desk and state, `overdue` those by desk whose time is over."""

    states: dict[tuple[str, State], int]
    overdue: dict[str, int]


class Counts:
    """Counts the table of promised calls back. Raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, now: datetime) -> Outstanding:
        """Count what is kept, and what is overdue now."""
        desk, state, promised = PROMISES.c.desk, PROMISES.c.state, PROMISES.c.promised
        every = select(desk, state, func.count()).group_by(desk, state)
        live = state.in_([str(each) for each in LIVE])
        late = select(desk, func.count()).where(live, promised < now).group_by(desk)
        async with self._database.reading() as connection:
            states = (await connection.execute(every)).all()
            overdue = (await connection.execute(late)).all()
        return Outstanding(
            {(desk, State(state)): count for desk, state, count in states},
            {row[0]: row[1] for row in overdue},
        )
