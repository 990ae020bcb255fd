"""The kinds of value that are read out, and how each is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from ivr.lang.limits import (
    DECIMALS,
    FIRST_DAY,
    LAST_DAY,
    LONGEST,
    UNITS,
    Period,
    Size,
    checked_count,
    checked_date,
    checked_digits,
    checked_duration,
    checked_money,
    checked_number,
    checked_period,
    checked_phone,
    checked_place,
    checked_plan,
    checked_size,
    checked_tail,
    short,
)

Value = Decimal | int | str | date | time | timedelta | Period | Size
T = TypeVar("T")


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of value. `parse` raises ValueError saying what was given and what is expected."""

    name: str
    types: tuple[type, ...]
    parse: Callable[[str], T]


# 15 whole digits: room enough that an amount too large is told so, and a bound on the work.
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_WHOLE = re.compile(r"[0-9]{1,15}")
_SIZE = re.compile(rf"([0-9]{{1,15}}(?:\.[0-9]{{1,15}})?)({'|'.join(UNITS)})")
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


def parse_count(text: str) -> int:
    """Read how many there are, such as `12`."""
    return checked_count(_whole(text, "a count"))


def parse_ordinal(text: str) -> int:
    """Read a place in an order, such as `3`."""
    return checked_place(_whole(text, "a place in an order"))


def _whole(text: str, what: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(
            f"{short(text)} is not {what}: a whole number of digits 0-9 is expected, such as 12"
        )
    return int(text)


def parse_percent(text: str) -> Decimal:
    """Read a percentage such as `12.5`."""
    value = _decimal(text, "a percentage", f"up to {DECIMALS} decimals, without the sign %")
    checked_number(value)
    return value


def parse_data(text: str) -> Size:
    """Read a size of data such as `1.5GB`."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(
            f"{short(text)} is not a size of data: a number with its unit is expected, one of "
            f"{', '.join(UNITS)}, nothing between them, such as 1.5GB or 300MB"
        )
    size = Size(Decimal(match[1]), match[2])
    checked_size(size)
    return size


def parse_tail(text: str) -> str:
    """Read the end of an account's or a card's number, such as `8000` or `123X`."""
    return checked_tail(text)


def parse_plan(text: str) -> str:
    """Read the name of a plan such as `5G-A128`."""
    checked_plan(text)
    return text


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


def parse_period(text: str) -> Period:
    """Read a period such as `2026-11-01/2026-11-30`, both days in it."""
    first, slash, last = text.partition("/")
    if not slash:
        raise ValueError(
            f"{short(text)} is not a period: two dates with / between them are expected, "
            "such as 2026-11-01/2026-11-30"
        )
    try:
        period = Period(parse_date(first), parse_date(last))
    except ValueError as wrong:
        raise ValueError(f"{short(text)} is not a period: {wrong}") from None
    return checked_period(period)


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
        Kind[Any]("number", (Decimal, int), parse_number),
        Kind[Any]("ordinal", (Decimal, int), parse_ordinal),
        Kind[Any]("count", (Decimal, int), parse_count),
        Kind[Any]("money", (Decimal,), parse_money),
        Kind[Any]("percent", (Decimal, int), parse_percent),
        Kind[Any]("data", (Size,), parse_data),
        Kind[Any]("digits", (str,), checked_digits),
        Kind[Any]("phone", (str,), parse_phone),
        Kind[Any]("tail", (str,), parse_tail),
        Kind[Any]("plan", (str,), parse_plan),
        Kind[Any]("date", (date,), parse_date),
        Kind[Any]("weekday", (date,), parse_date),
        Kind[Any]("period", (Period,), parse_period),
        Kind[Any]("time", (time,), parse_time),
        Kind[Any]("duration", (timedelta,), parse_duration),
    )
}
