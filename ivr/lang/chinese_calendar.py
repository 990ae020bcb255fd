"""Days, times and lengths of time in the Chinese languages."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property

from ivr.lang.language import Phrases, Saying, plain
from ivr.lang.limits import Period, checked_date, checked_duration, checked_period, checked_time
from ivr.lang.numerals import DIGITS, Numerals, small

CENTURIES = {19: "一九", 20: "二零", 21: "二一"}
MONTHS = tuple(f"{small(month)}月" for month in range(1, 13))
WEEKDAYS = tuple(f"星期{day}" for day in "一二三四五六日")


@dataclass(frozen=True)
class ChineseCalendar:
    """Days, times and lengths of time in one Chinese language."""

    numerals: Numerals
    day_of_month: str
    hours: tuple[str, ...]
    """The 24 hours, each with its part of the day."""
    lengths: tuple[str, str, str, str]
    """Days, hours, minutes, seconds, as counted in a duration."""

    def sayings(self) -> dict[str, Saying]:
        """Return the kinds of value that are days, times or lengths."""
        return {
            "date": plain(self._date, lambda: self._days),
            "weekday": plain(self._weekday, lambda: {*WEEKDAYS}),
            "period": plain(self._period, lambda: self._ends),
            "time": plain(self._time, lambda: self._clock),
            "duration": plain(self._duration, lambda: self._lengths),
        }

    def _date(self, day: datetime.date) -> Phrases:
        # The year digit by digit, with 一, never 幺; month and day are ordinals, so 二, never 两.
        century, year = divmod(checked_date(day).year, 100)
        return (
            CENTURIES[century],
            f"{DIGITS[year // 10]}{DIGITS[year % 10]}年",
            *self._day(day),
        )

    def _day(self, day: datetime.date) -> Phrases:
        return MONTHS[day.month - 1], f"{small(day.day)}{self.day_of_month}"

    def _weekday(self, day: datetime.date) -> Phrases:
        return (WEEKDAYS[checked_date(day).weekday()],)

    def _period(self, period: Period) -> Phrases:
        first, last = checked_period(period)
        if first == last:
            return self._day(first)
        # The year is heard only where the two differ: bills are about the month just gone.
        say = self._day if first.year == last.year else self._date
        head, *rest = say(last)
        return (*say(first), f"到{head}", *rest)

    def _time(self, moment: datetime.time) -> Phrases:
        hour, minute = self.hours[checked_time(moment).hour], moment.minute
        if not minute:
            return (hour,)
        # Minutes below ten keep the empty place: 三点零五分.
        return hour, f"{'零' if minute < 10 else ''}{small(minute)}分"

    def _duration(self, length: datetime.timedelta) -> Phrases:
        counts = checked_duration(length)
        if not any(counts):
            return (f"零{self.lengths[-1]}",)
        phrases: list[str] = []
        for count, unit in zip(counts, self.lengths, strict=True):
            if count:
                phrases += self.numerals.counted(count, unit, self._lengths)
        return tuple(phrases)

    @cached_property
    def _days(self) -> frozenset[str]:
        years = {f"{first}{second}年" for first in DIGITS for second in DIGITS}
        days = {f"{small(day)}{self.day_of_month}" for day in range(1, 32)}
        return frozenset({*CENTURIES.values(), *MONTHS} | years | days)

    @cached_property
    def _ends(self) -> frozenset[str]:
        until = {f"到{word}" for word in (*MONTHS, *CENTURIES.values())}
        # No period begins in the last century of the calendar and ends in a later year.
        return self._days - {CENTURIES[21]} | until

    @cached_property
    def _clock(self) -> frozenset[str]:
        early = {f"零{digit}分" for digit in DIGITS[1:]}
        return frozenset({*self.hours} | early | {f"{small(minute)}分" for minute in range(10, 60)})

    @cached_property
    def _lengths(self) -> frozenset[str]:
        days, hours, minutes, seconds = self.lengths
        # Counts that are rare in a unit are said apart from it: 四十|天.
        together = {
            f"{self.numerals.count(count)}{unit}"
            for unit, most in ((days, 7), (hours, 23), (minutes, 59), (seconds, 5))
            for count in range(1, most + 1)
        }
        counts = {small(count) for count in range(6, 100)}
        return frozenset(together | counts | {days, seconds, f"零{seconds}"})
