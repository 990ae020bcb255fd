"""The customers of the demo carrier, in a real database.

Balances are kept as whole cents: SQLite has no decimals, and a float is never money.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Date, Dialect, String, TypeDecorator, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_change
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Cents(TypeDecorator[Decimal]):
    """An amount with two decimals, stored as a whole number of cents."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value.scaleb(2))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Tables(DeclarativeBase):
    """Every table of the demo carrier."""


class Customer(Tables):
    """One customer of the demo carrier; `language` is the one she is served in."""

    __tablename__ = "customers"

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    balance: Mapped[Decimal] = mapped_column(Cents)
    expires: Mapped[date] = mapped_column(Date)
    name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(3))
    plan: Mapped[str] = mapped_column(String(100))


FIELDS = ("balance", "expires", "name", "language", "plan")

# Invented people with invented numbers; the amounts are those that are hard to say.
_SEED = (
    ("13800138000", "123.45", "2026-12-31", "王小明", "cmn", "畅享 30 GB"),
    ("13800138001", "-36.50", "2026-11-30", "李秀英", "cmn", "畅享 10 GB"),
    ("13800138002", "0.00", "2027-01-01", "张伟", "cmn", "乡情 5 GB"),
    ("13800138003", "1010.05", "2027-10-10", "刘洋", "cmn", "畅享 30 GB"),
    ("13800138004", "99999999.99", "2030-02-28", "陈总", "cmn", "企业专线"),
    ("13800138005", "200.20", "2028-02-29", "赵敏", "cmn", "畅享 10 GB"),
    ("13800138006", "23.40", "2026-12-01", "陳大文", "yue", "大灣區 20 GB"),
    ("13800138007", "1002.50", "2027-06-22", "黃美玲", "yue", "大灣區 20 GB"),
    ("13800138008", "-0.05", "2026-11-22", "何家豪", "yue", "學生 8 GB"),
    ("13800138009", "88.00", "2027-03-03", "Alice Brown", "en", "Visitor 15 GB"),
    ("13800138010", "1.01", "2027-08-21", "Daniel Novak", "en", "Visitor 15 GB"),
    ("13800138011", "12345.67", "2029-12-12", "Priya Shah", "en", "Business 100 GB"),
)


class Customers:
    """The table of customers in a SQLite file; `engine` is for the other tables in it."""

    def __init__(self, database: Path) -> None:
        url = URL.create("sqlite+aiosqlite", database=str(database))
        self.engine: AsyncEngine = create_async_engine(url)

    async def open(self) -> None:
        """Create the tables where there are none, and fill that of customers once.

        Raises `sqlalchemy.exc.SQLAlchemyError` when the file is no database or cannot be written.
        """
        async with self.engine.begin() as connection:
            await connection.run_sync(Tables.metadata.create_all)
            if (await connection.execute(select(Customer.number).limit(1))).first() is None:
                await connection.execute(insert(Customer), [_seeded(row) for row in _SEED])

    async def close(self) -> None:
        """Give the file back."""
        await self.engine.dispose()

    async def find(self, number: str) -> dict[str, Any] | None:
        """Return number, balance, expires, name, language and plan, or None."""
        async with self.engine.connect() as connection:
            found = await connection.execute(select(Customer).where(Customer.number == number))
            row = found.mappings().first()
            return dict(row) if row else None

    async def change(self, number: str, fields: dict[str, Any]) -> bool:
        """Change these fields of a customer, all or none; return False if there is no such one."""
        async with self.engine.begin() as connection:
            same = {"number": number}  # an UPDATE needs something to set, also for no change
            changed = update(Customer).where(Customer.number == number).values({**same, **fields})
            return (await connection.execute(changed)).rowcount > 0

    async def create(self, number: str, fields: dict[str, Any]) -> None:
        """Write a customer whole; whoever created her a moment before us is overwritten."""
        async with self.engine.begin() as connection:
            new = insert_or_change(Customer).values(number=number, **fields)
            await connection.execute(
                new.on_conflict_do_update(index_elements=["number"], set_=fields)
            )


def _seeded(row: tuple[str, str, str, str, str, str]) -> dict[str, Any]:
    number, balance, expires, name, language, plan = row
    return {
        "number": number,
        "balance": Decimal(balance),
        "expires": date.fromisoformat(expires),
        "name": name,
        "language": language,
        "plan": plan,
    }
