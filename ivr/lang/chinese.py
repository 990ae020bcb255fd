"""What the Chinese languages share: every kind of value, built on their numerals.

Each language is a `Chinese` filled with its own words.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from ivr.lang.language import (
    BREATH,
    Phrases,
    checked_date,
    checked_digits,
    checked_duration,
    checked_money,
    checked_number,
    checked_phone,
    checked_time,
)
from ivr.lang.numerals import DIGITS, NOT_TWO, Numerals, small

CENTURIES = {19: "一九", 20: "二零", 21: "二一"}


@dataclass(frozen=True)
class Chinese:
    """One Chinese language by its words; satisfies `Language`."""

    code: str
    name: str
    numerals: Numerals
    minus: str
    plus: str
    point: str
    one_in_digits: str
    money_units: tuple[str, str, str]
    half: str
    """Said for five hundredths after a tenth; empty where nobody says it."""
    day_of_month: str
    hours: tuple[str, ...]
    """The 24 hours, each with its part of the day."""
    lengths: tuple[str, str, str, str]
    """Days, hours, minutes, seconds, as counted in a duration."""

    def number(self, value: Decimal | int) -> Phrases:
        negative, whole, decimals = checked_number(value)
        sign = [self.minus] if negative else []
        # After the point every digit is said, with its zeros and with 一: 三点一四.
        after = [DIGITS[int(digit)] for digit in decimals]
        fraction = [self.point + after[0], *after[1:]] if after else []
        return (*sign, *self.numerals.whole(whole), *fraction)

    def money(self, amount: Decimal) -> Phrases:
        negative, yuan, fen = checked_money(amount)
        phrases = [self.minus] if negative else []
        # Below one yuan the yuan are not said (五角), but nothing at all is 零元.
        if yuan or not fen:
            phrases += self.numerals.counted(yuan, self.money_units[0], self._vocabulary)
        return (*phrases, *self._tenths(fen, after_yuan=bool(yuan)))

    def _tenths(self, fen: int, after_yuan: bool) -> list[str]:
        tenths, hundredths = divmod(fen, 10)
        _, tenth, hundredth = self.money_units
        phrases = [f"{self.numerals.count(tenths)}{tenth}"] if tenths else []
        if not hundredths:
            return phrases
        if tenths and hundredths == 5 and self.half:
            return [f"{phrases[0]}{self.half}"]
        # The empty place after the yuan is heard, and after 零 a two is 二: 一元零二分.
        empty = after_yuan and not tenths
        count = f"零{DIGITS[hundredths]}" if empty else self.numerals.count(hundredths)
        return [*phrases, f"{count}{hundredth}"]

    def digits(self, text: str) -> Phrases:
        spoken = [self._digit_words[int(digit)] for digit in checked_digits(text)]
        # Two digits in one breath: single syllables side by side sound like a stutter.
        return tuple("".join(spoken[i : i + 2]) for i in range(0, len(spoken), 2))

    def phone(self, number: str) -> Phrases:
        plus, groups = checked_phone(number)
        phrases = [self.plus] if plus else []
        for at, group in enumerate(groups):
            phrases += [BREATH, *self.digits(group)] if at else self.digits(group)
        return tuple(phrases)

    def date(self, day: datetime.date) -> Phrases:
        # The year digit by digit, with 一, never 幺; month and day are ordinals, so 二, never 两.
        century, year = divmod(checked_date(day).year, 100)
        return (
            CENTURIES[century],
            f"{DIGITS[year // 10]}{DIGITS[year % 10]}年",
            f"{small(day.month)}月",
            f"{small(day.day)}{self.day_of_month}",
        )

    def time(self, moment: datetime.time) -> Phrases:
        hour, minute = self.hours[checked_time(moment).hour], moment.minute
        if not minute:
            return (hour,)
        # Minutes below ten keep the empty place: 三点零五分.
        return hour, f"{'零' if minute < 10 else ''}{small(minute)}分"

    def duration(self, length: datetime.timedelta) -> Phrases:
        counts = checked_duration(length)
        if not any(counts):
            return (f"零{self.lengths[-1]}",)
        phrases: list[str] = []
        for count, unit in zip(counts, self.lengths, strict=True):
            if count:
                phrases += self.numerals.counted(count, unit, self._vocabulary)
        return tuple(phrases)

    def join(self, phrases: Phrases) -> str:
        return "".join(" " if phrase == BREATH else phrase for phrase in phrases)

    def vocabulary(self) -> frozenset[str]:
        return self._vocabulary

    @cached_property
    def _digit_words(self) -> str:
        return DIGITS.replace("一", self.one_in_digits)

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        signs = {self.minus, self.plus, *(f"{self.point}{digit}" for digit in DIGITS)}
        series = {*self._digit_words}
        series |= {first + second for first in series for second in series}
        return self.numerals.words | signs | series | self._amounts() | self._calendar()

    def _amounts(self) -> set[str]:
        yuan, tenth, hundredth = self.money_units
        few = [self.numerals.count(digit) for digit in range(1, 10)]
        # Round thousands and myriads are amounts of their own only up to nine; the bare unit
        # follows whatever is larger: 十二万|元.
        counts = {*self.numerals.rests, self.numerals.two, ""}
        counts |= {f"{digit}百" for digit in (*NOT_TWO, self.numerals.two_hundred)}
        counts |= {f"{count}{place}" for count in few for place in ("千", self.numerals.myriad)}
        amounts = {f"{count}{yuan}" for count in counts}
        amounts |= {f"{count}{unit}" for count in few for unit in (tenth, hundredth)}
        amounts |= {f"零{digit}{hundredth}" for digit in DIGITS[1:]}
        halves = {f"{count}{tenth}{self.half}" for count in few}
        return amounts | halves

    def _calendar(self) -> set[str]:
        days, hours, minutes, seconds = self.lengths
        # Counts that are rare in a unit are said apart from it: 四十|天.
        together = ((days, 7), (hours, 23), (minutes, 59), (seconds, 5))
        return (
            {*CENTURIES.values(), *self.hours, days, seconds, f"零{seconds}"}
            | {f"{first}{second}年" for first in DIGITS for second in DIGITS}
            | {f"{small(month)}月" for month in range(1, 13)}
            | {f"{small(day)}{self.day_of_month}" for day in range(1, 32)}
            | {f"零{digit}分" for digit in DIGITS[1:]}
            | {f"{small(minute)}分" for minute in range(10, 60)}
            | {
                f"{self.numerals.two if count == 2 else small(count)}{unit}"
                for unit, most in together
                for count in range(1, most + 1)
            }
        )
