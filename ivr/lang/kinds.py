"""The kinds of value that are read out: how each is written, and which method says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from ivr.lang.language import (
    DECIMALS,
    FIRST_DAY,
    LAST_DAY,
    LONGEST,
    Language,
    Phrases,
    checked_date,
    checked_digits,
    checked_duration,
    checked_money,
    checked_number,
    checked_phone,
    short,
)

Value = Decimal | int | str | date | time | timedelta
T = TypeVar("T")


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of value. `parse` raises ValueError saying what was given and what is expected."""

    name: str
    types: tuple[type, ...]
    parse: Callable[[str], T]
    say: Callable[[Language, T], Phrases]


# 15 whole digits: room enough that an amount too large is told so, and a bound on the work.
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_DURATION = re.compile(r"(?:([0-9]{1,7})d)?(?:([0-9]{1,7})h)?(?:([0-9]{1,7})m)?(?:([0-9]{1,7})s)?")


def _decimal(text: str, what: str, decimals: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(
            f"{short(text)} is not {what}: digits 0-9 are expected, with - before them if "
            f"negative, a point and {decimals} if need be, no commas and no exponent, "
            "such as -3 or 1010.05"
        )
    return Decimal(text)


def parse_number(text: str) -> Decimal:
    """Read a number such as `-3` or `1010.05`."""
    value = _decimal(text, "a number", f"up to {DECIMALS} decimals")
    checked_number(value)
    return value


def parse_money(text: str) -> Decimal:
    """Read an amount such as `1010.05`; it keeps the decimals it is written with."""
    amount = _decimal(text, "an amount", "decimals")
    checked_money(amount)
    return amount


def parse_phone(text: str) -> str:
    """Read a telephone number such as `13800138000` or `+85298765432`."""
    checked_phone(text)
    return text


def parse_date(text: str) -> date:
    """Read a day such as `2026-11-22`."""
    expected = f"YYYY-MM-DD from {FIRST_DAY} to {LAST_DAY} is expected, such as 2026-11-22"
    # fromisoformat alone would also take 20261122 and 2026-W47-7.
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"{short(text)} is not a date: {expected}")
    try:
        day = date.fromisoformat(text)
    except ValueError as wrong:
        raise ValueError(f"{short(text)} is not in the calendar ({wrong}): {expected}") from None
    return checked_date(day)


def parse_time(text: str) -> time:
    """Read a time of day such as `15:05`; seconds are refused, for none are said."""
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError(
            f"{short(text)} is not a time: HH:MM from 00:00 to 23:59 is expected, without "
            "seconds, such as 15:05 or 09:30"
        )
    return time.fromisoformat(text)


def parse_duration(text: str) -> timedelta:
    """Read a length of time such as `150m`, `2h`, `90s`, `1h30m` or `2d`."""
    match = _DURATION.fullmatch(text)
    if not text or not match:
        raise ValueError(
            f"{short(text)} is not a length of time: whole numbers with their units d, h, m, s "
            f"in this order are expected, up to {LONGEST.days}d, such as 150m or 1h30m"
        )
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    checked_duration(length)
    return length


KINDS: Mapping[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        Kind[Any]("number", (Decimal, int), parse_number, lambda lang, v: lang.number(v)),
        Kind[Any]("money", (Decimal,), parse_money, lambda lang, v: lang.money(v)),
        Kind[Any]("digits", (str,), checked_digits, lambda lang, v: lang.digits(v)),
        Kind[Any]("phone", (str,), parse_phone, lambda lang, v: lang.phone(v)),
        Kind[Any]("date", (date,), parse_date, lambda lang, v: lang.date(v)),
        Kind[Any]("time", (time,), parse_time, lambda lang, v: lang.time(v)),
        Kind[Any]("duration", (timedelta,), parse_duration, lambda lang, v: lang.duration(v)),
    )
}
