"""Who may log in over HTTP beside agents and the operator, and who is logged in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Column, String, Table, delete, insert, select, update

from ivr.store.database import TABLES, Database, Utc

LONGEST_NAME = 64

_ACCOUNTS = Table(
    "accounts",
    TABLES,
    Column("name", String(LONGEST_NAME), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("hash", String(200), nullable=False),
    Column("changed", Utc, nullable=False),
)
_SESSIONS = Table(
    "sessions",
    TABLES,
    Column("key", String(64), primary_key=True),
    Column("name", String(LONGEST_NAME), nullable=False, index=True),
    Column("proof", String(64), nullable=False),
    Column("begun", Utc, nullable=False, index=True),
    Column("seen", Utc, nullable=False, index=True),
)


@dataclass(frozen=True)
class Account:
    """A name, what it may, and the hash of its password."""

    name: str
    role: str
    hash: str
    changed: datetime


@dataclass(frozen=True)
class Session:
    """One browser that is logged in: `key` is the hash of what its cookie holds.

    `proof` is a hash of what the password was known by; with another one the session is over.
    """

    key: str
    name: str
    proof: str
    begun: datetime
    seen: datetime


class Accounts:
    """The table of accounts; all may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, account: Account) -> None:
        """Keep an account in place of any of the same name."""
        async with self._database.writing() as connection:
            await connection.execute(delete(_ACCOUNTS).where(_ACCOUNTS.c.name == account.name))
            await connection.execute(insert(_ACCOUNTS).values(**asdict(account)))

    async def find(self, name: str) -> Account | None:
        """Return the account of a name."""
        query = select(_ACCOUNTS).where(_ACCOUNTS.c.name == name)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else Account(**row)

    async def all(self) -> list[Account]:
        """Return every account, by name."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(_ACCOUNTS).order_by(_ACCOUNTS.c.name))
            return [Account(**row) for row in rows.mappings()]

    async def remove(self, name: str) -> bool:
        """Remove an account and end its sessions; return whether there was one."""
        async with self._database.writing() as connection:
            await connection.execute(delete(_SESSIONS).where(_SESSIONS.c.name == name))
            gone = await connection.execute(delete(_ACCOUNTS).where(_ACCOUNTS.c.name == name))
            return bool(gone.rowcount)


class Sessions:
    """The table of sessions; all may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, session: Session, instead_of: str, dead: datetime, idle: datetime
    ) -> None:
        """Keep a session instead of another; forget those begun, or last seen, before then."""
        over = (_SESSIONS.c.key == instead_of) | (_SESSIONS.c.begun < dead)
        async with self._database.writing() as connection:
            await connection.execute(delete(_SESSIONS).where(over | (_SESSIONS.c.seen < idle)))
            await connection.execute(insert(_SESSIONS).values(**asdict(session)))

    async def find(self, key: str) -> Session | None:
        """Return the session of a key."""
        query = select(_SESSIONS).where(_SESSIONS.c.key == key)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else Session(**row)

    async def see(self, key: str, at: datetime) -> None:
        """Keep when a session was last used."""
        async with self._database.writing() as connection:
            await connection.execute(
                update(_SESSIONS).where(_SESSIONS.c.key == key).values(seen=at)
            )

    async def end(self, key: str) -> None:
        """End a session; there need be none."""
        async with self._database.writing() as connection:
            await connection.execute(delete(_SESSIONS).where(_SESSIONS.c.key == key))
