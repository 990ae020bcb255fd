"""What every spoken language promises, and the limits all of them share.

A language turns a value into phrases; a phrase is one clip of sound, synthesised ahead. So a
language also lists its whole vocabulary, and nothing it says is outside of it.
"""

from __future__ import annotations

import datetime
from collections.abc import Set
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import Protocol

Phrases = tuple[str, ...]

BREATH = ","
"""Stands among phrases where the voice pauses shortly; it is no clip and in no vocabulary."""

LARGEST = 10**12
"""Numbers and amounts stay below this, on either side of zero."""

FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)
LONGEST = datetime.timedelta(days=99)
DECIMALS = 6
DIGITS = 64

# Not the context of the thread: whoever narrowed that must not change what a caller hears.
EXACT = Context(prec=28)

# The codes hotlines of this region meet; the rest of the number is grouped as if dialled at home.
COUNTRY_CODES = ("852", "853", "886", "86", "44", "1")


class Language(Protocol):
    """One spoken language. Every method raises ValueError for a value outside the limits above."""

    @property
    def code(self) -> str:
        """ISO 639-3, but `en`: the spelling flows use."""

    @property
    def name(self) -> str:
        """The language's name in English, for messages."""

    def number(self, value: Decimal | int) -> Phrases:
        """Say a number; decimals digit by digit, as many as are written (1.50 keeps its zero)."""

    def money(self, amount: Decimal) -> Phrases:
        """Say an amount of yuan, rounded half to even if it has more than two decimals."""

    def digits(self, text: str) -> Phrases:
        """Say 1 to 64 digits one by one."""

    def phone(self, number: str) -> Phrases:
        """Say a telephone number of 3 to 20 digits, with or without `+`, in groups."""

    def date(self, day: datetime.date) -> Phrases:
        """Say a day of the years 1900 to 2100."""

    def time(self, moment: datetime.time) -> Phrases:
        """Say a time of day in whole minutes, on a clock of twelve hours."""

    def duration(self, length: datetime.timedelta) -> Phrases:
        """Say a length of whole seconds, up to 99 days, in days, hours, minutes and seconds."""

    def vocabulary(self) -> frozenset[str]:
        """Return every phrase the other methods can return; BREATH is not among them."""

    def join(self, phrases: Phrases) -> str:
        """Write phrases as one line of this language's words."""


def glue(phrases: list[str], unit: str, vocabulary: Set[str], space: str = "") -> list[str]:
    """Add a unit in the same breath as the last phrase where there is such a clip, else after it.

    So the vocabulary alone decides which numbers and units are one clip.
    """
    together = f"{phrases[-1]}{space}{unit}"
    return [*phrases[:-1], together] if together in vocabulary else [*phrases, unit]


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
    code = next((c for c in COUNTRY_CODES if plus and digits.startswith(c)), "")
    rest = digits[len(code) :]
    return plus, [code, *_groups(rest)] if code and rest else _groups(digits)


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
