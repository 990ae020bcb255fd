"""What the demo carrier keeps of its customers' lines: services, recharge cards, complaints."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sqlalchemy import String, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_change
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import Mapped, mapped_column

from ivr.demo.customers import Cents, Customer, Tables

SERVICES = ("roaming", "international")
State = Literal["on", "off"]


class Line(Tables):
    """What has been changed on the line of a number; one without a row is as it came."""

    __tablename__ = "lines"

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    roaming: Mapped[bool] = mapped_column(default=False)
    international: Mapped[bool] = mapped_column(default=False)
    suspended: Mapped[bool] = mapped_column(default=False)


class Card(Tables):
    """A recharge card; `used_with` is the key of the request that used it, "" while it is good."""

    __tablename__ = "cards"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Cents)
    used_with: Mapped[str] = mapped_column(String(64))


class Complaint(Tables):
    """A complaint: what it is about, and the name of its recording."""

    __tablename__ = "complaints"

    ticket: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(100))
    recording: Mapped[str] = mapped_column(String(100))


# Their check digits are those of ISO/IEC 7812-1; the last is used already.
_CARDS = (
    ("2026112500000012", "50.00", ""),
    ("2026112500000020", "100.00", ""),
    ("2026112500000038", "30.50", ""),
    ("2026112500000095", "50.00", "somebody else"),
)


@dataclass(frozen=True)
class Recharged:
    """What became of a recharge: what the card held, and the balance now."""

    outcome: Literal["done", "used", "unknown"]
    amount: Decimal
    balance: Decimal


class Lines:
    """The lines of the demo carrier, in the database of its customers."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def open(self) -> None:
        """Fill the table of cards once; the tables themselves come with the customers'."""
        async with self._engine.begin() as connection:
            if (await connection.execute(select(Card.code).limit(1))).first() is None:
                columns = ("code", "amount", "used_with")
                cards = [(code, Decimal(amount), used) for code, amount, used in _CARDS]
                rows = [dict(zip(columns, card, strict=True)) for card in cards]
                await connection.execute(insert(Card), rows)

    async def recharge(self, number: str, code: str, key: str) -> Recharged:
        """Add what a card holds to a balance, once; the same `key` again is told the same."""
        its = Customer.number == number
        async with self._engine.begin() as connection:
            good = update(Card).where(Card.code == code, Card.used_with == "")
            claimed = (await connection.execute(good.values(used_with=key))).rowcount > 0
            card = (await connection.execute(select(Card).where(Card.code == code))).first()
            amount = card.amount if card else Decimal(0)
            balance = (await connection.execute(select(Customer.balance).where(its))).scalar_one()
            if claimed:
                balance += amount
                await connection.execute(update(Customer).where(its).values(balance=balance))
        if card is None:
            return Recharged("unknown", amount, balance)
        return Recharged("done" if card.used_with == key else "used", amount, balance)

    async def holds(self, number: str, field: str) -> bool:
        """Whether a service of `SERVICES` is switched on, or the line is `suspended`."""
        async with self._engine.connect() as connection:
            found = await connection.execute(select(Line).where(Line.number == number))
            row = found.mappings().first()
            return bool(row and row[field])

    async def change(self, number: str, **fields: bool) -> None:
        """Switch services on or off, or suspend the line."""
        new = insert_or_change(Line).values(number=number, **fields)
        async with self._engine.begin() as connection:
            await connection.execute(
                new.on_conflict_do_update(index_elements=["number"], set_=fields)
            )

    async def complain(self, number: str, topic: str, recording: str) -> int:
        """File a complaint; return its ticket."""
        filed = insert(Complaint).values(number=number, topic=topic, recording=recording)
        async with self._engine.begin() as connection:
            return (await connection.execute(filed.returning(Complaint.ticket))).scalar_one()
