"""The limits all languages share: what can be said at all, and what each refusal tells.

Every check returns the value in the parts that a language says, or raises ValueError.
"""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple

LARGEST = 10**12
"""Numbers and amounts stay below this, on either side of zero."""

FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)
LONGEST = datetime.timedelta(days=99)
DECIMALS = 6
DIGITS = 64
LAST_PLACE = 999
PLAN = 32
UNITS = ("KB", "MB", "GB", "TB")
CURRENCIES = ("CNY", "HKD", "USD")

# Not the context of the thread: whoever narrowed that must not change what a caller hears.
EXACT = Context(prec=28)

# The codes hotlines of this region meet; the rest of the number is grouped as if dialled at home.
COUNTRY_CODES = ("852", "853", "886", "86", "44", "1")


class Size(NamedTuple):
    """An amount of data, in one of UNITS."""

    amount: Decimal
    unit: str


class Period(NamedTuple):
    """The days from the first to the last, both of them in it."""

    first: datetime.date
    last: datetime.date


def checked_number(value: Decimal | int) -> tuple[bool, int, str]:
    """Return whether a number is negative, its whole part, and its decimals as written."""
    number = Decimal(value)
    if not number.is_finite() or number.copy_abs() >= LARGEST:
        raise ValueError(
            f"{short(number)} cannot be said: numbers are said below {LARGEST:,}, plus or minus"
        )
    exponent = number.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    if places > DECIMALS:
        raise ValueError(
            f"{short(number)} has {places} decimals: up to {DECIMALS} are said; round it first"
        )
    whole = int(number.quantize(Decimal(1), ROUND_DOWN, EXACT))
    decimals = f"{number:f}".partition(".")[2] if places else ""
    return number < 0, abs(whole), decimals


def checked_count(value: Decimal | int) -> int:
    """Return how many there are: a whole number from nothing up."""
    negative, whole, decimals = checked_number(value)
    if negative or decimals.strip("0"):
        raise ValueError(
            f"{short(value)} cannot be counted: a whole number from 0 up is said, such as 12"
        )
    return whole


def checked_place(value: Decimal | int) -> int:
    """Return the place in an order: a whole number from 1 to 999."""
    place = checked_count(value)
    if not 1 <= place <= LAST_PLACE:
        raise ValueError(
            f"{short(value)} is no place in an order: 1 to {LAST_PLACE} are said, such as 3"
        )
    return place


def checked_size(size: Size) -> tuple[int, str, str]:
    """Return the whole part of a size of data, its decimals as written, and its unit."""
    negative, whole, decimals = checked_number(size.amount)
    if negative or size.unit not in UNITS:
        raise ValueError(
            f"{short(f'{size.amount}{size.unit}')} is no size of data: a number from 0 up is said, "
            f"in {', '.join(UNITS)}, such as 1.5GB"
        )
    return whole, decimals, size.unit


def checked_money(amount: Decimal) -> tuple[bool, int, int]:
    """Return whether an amount is negative, its whole yuan, and its fen (0 to 99)."""
    if amount.is_finite() and amount.copy_abs() < LARGEST:
        rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN, EXACT)
        fen = int(rounded.scaleb(2, EXACT))
        if abs(fen) < LARGEST * 100:
            return fen < 0, *divmod(abs(fen), 100)
    raise ValueError(
        f"{short(amount)} cannot be said: amounts are said up to {LARGEST - 1:,}.99, plus or minus"
    )


def checked_currency(code: str) -> str:
    """Return the code of a currency that is said; without one it is the yuan."""
    if code and code not in CURRENCIES:
        raise ValueError(
            f"{short(code)} is no currency that is said: {', '.join(CURRENCIES)} are expected, or "
            "none for yuan, such as {amount:money HKD}"
        )
    return code or CURRENCIES[0]


def checked_digits(text: str) -> str:
    """Return the text if it is 1 to 64 of the digits 0-9."""
    if not (text.isascii() and text.isdigit()) or len(text) > DIGITS:
        raise ValueError(
            f"{short(text)} is not a string of digits: 1 to {DIGITS} of 0-9 are expected, "
            "nothing between them, such as 1024"
        )
    return text


def checked_phone(number: str) -> tuple[bool, list[str]]:
    """Return whether a telephone number has a `+`, and its digits in the groups they are said in.

    With a `+`, a country code of this region is a group of its own.
    """
    plus, digits = number.startswith("+"), number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or not 3 <= len(digits) <= 20:
        raise ValueError(
            f"{short(number)} is not a telephone number: 3 to 20 digits are expected, with or "
            "without + before them and nothing between, such as 13800138000"
        )
    # Back ends leave the plus out: 86 before a mobile of eleven digits is no part of it.
    is_mobile = re.fullmatch("861[3-9][0-9]{9}", digits)
    code = next((c for c in COUNTRY_CODES if (plus or is_mobile) and digits.startswith(c)), "")
    rest = digits[len(code) :]
    return plus, [code, *_groups(rest)] if code and rest else _groups(digits)


def checked_tail(text: str) -> str:
    """Return the last 2 to 8 digits or letters of an account or an identity card, in capitals."""
    if not (text.isascii() and text.isalnum()) or not 2 <= len(text) <= 8:
        raise ValueError(
            f"{short(text)} is not the end of a number: its last 2 to 8 digits or letters are "
            "expected, nothing between them, such as 8000 or 123X"
        )
    return text.upper()


def checked_plan(text: str) -> list[list[str]]:
    """Return a plan's name as its words, each cut into runs of digits and single letters."""
    words = re.split("[ -]", text)
    if len(text) > PLAN or not all(word.isascii() and word.isalnum() for word in words):
        raise ValueError(
            f"{short(text)} cannot be said as a plan: up to {PLAN} letters A-Z and digits are "
            "expected, with single spaces or hyphens between them, such as 5G-A128; a name in "
            "words belongs into the prompt"
        )
    return [re.findall("[0-9]+|[A-Z]", word.upper()) for word in words]


def _groups(digits: str) -> list[str]:
    """Cut digits in threes, then fours: 3-4-4 for a mobile, 3-3-4 for a 400 number, 4-4 at home."""
    if len(digits) <= 5:  # 110, 10086 and 95588 are known by their whole sound
        return [digits]
    threes = -len(digits) % 4
    return [digits[i : i + 3] for i in range(0, threes * 3, 3)] + [
        digits[i : i + 4] for i in range(threes * 3, len(digits), 4)
    ]


def checked_date(day: datetime.date) -> datetime.date:
    """Return the day if it is one of the years 1900 to 2100."""
    if not FIRST_DAY.year <= day.year <= LAST_DAY.year:
        raise ValueError(
            f"{day:%Y-%m-%d} is out of range: dates are said {FIRST_DAY} to {LAST_DAY}"
        )
    return day


def checked_period(period: Period) -> Period:
    """Return the period if it does not end before it begins."""
    first, last = map(checked_date, period)
    if last < first:
        raise ValueError(
            f"a period from {first} to {last} cannot be said: it ends before it begins; the "
            "first day is expected first, such as 2026-11-01/2026-11-30"
        )
    return period


def checked_time(moment: datetime.time) -> datetime.time:
    """Return the time if it is in whole minutes: on the telephone nobody is told the second."""
    if moment.second or moment.microsecond:
        raise ValueError(f"{moment} has seconds: a time is said in whole minutes, such as 15:05")
    return moment


def checked_duration(length: datetime.timedelta) -> tuple[int, int, int, int]:
    """Return the days, hours (0-23), minutes and seconds (0-59) of a length."""
    if length.microseconds or not datetime.timedelta() <= length <= LONGEST:
        raise ValueError(
            f"a length of {length} cannot be said: whole seconds "
            f"from 0 to {LONGEST.days} days are expected, such as 150m"
        )
    minutes, seconds = divmod(length.seconds, 60)
    return length.days, *divmod(minutes, 60), seconds


def short(value: object) -> str:
    """Return a value as it is shown in a message: quoted, and cut when it is long."""
    text = str(value)
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
