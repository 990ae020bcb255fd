"""Where each agent stands: on duty, off duty or paused, kept over restarts of every part."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, delete, insert, select

from ivr.desk.duty import Duty, Standing
from ivr.flow.record import LONGEST_TEXT
from ivr.store.database import TABLES, Database, Utc

_DUTIES = Table(
    "duties",
    TABLES,
    Column("agent", String(100), primary_key=True),
    Column("duty", String(10), nullable=False),
    Column("reason", String(LONGEST_TEXT), nullable=False),
    Column("by", String(LONGEST_TEXT), nullable=False),
    Column("since", Utc, nullable=False),
)


class Duties:
    """The table of where agents stand; of one who has no row nothing was ever said."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, agent: str, standing: Standing) -> None:
        """Keep where an agent stands since then. Raises StoreError."""
        fields = {**vars(standing), "duty": standing.duty.value, "agent": agent}
        async with self._database.writing() as connection:
            await connection.execute(delete(_DUTIES).where(_DUTIES.c.agent == agent))
            await connection.execute(insert(_DUTIES).values(fields))

    async def all(self) -> dict[str, Standing]:
        """Return where agents stand, by their numbers. Raises StoreError."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(_DUTIES))).mappings().all()
        return {
            row["agent"]: Standing(Duty(row["duty"]), row["reason"], row["by"], row["since"])
            for row in rows
        }
