"""Days, times and lengths of time in English."""

from __future__ import annotations

import datetime

from ivr.lang.english_numbers import ONES, nth, small
from ivr.lang.language import BREATH, Phrases, glue, plain
from ivr.lang.limits import Period, checked_date, checked_duration, checked_period, checked_time

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LENGTHS = ("day", "hour", "minute", "second")


def _date(day: datetime.date) -> Phrases:
    # Day first: it is what a caller waits for, and it goes with the British numbers.
    checked_date(day)
    return (f"the {nth(day.day)}", _of(day), BREATH, *_year(day.year))


def _year(year: int) -> Phrases:
    century, rest = divmod(year, 100)
    if century == 20 and rest < 10:  # "twenty oh five" is said by few
        return ("two thousand and", small(rest)) if rest else ("two thousand",)
    if not rest:
        return (f"{small(century)} hundred",)
    return small(century), small(rest) if rest > 9 else f"oh {small(rest)}"


def _weekday(day: datetime.date) -> Phrases:
    return (WEEKDAYS[checked_date(day).weekday()],)


def _period(period: Period) -> Phrases:
    first, last = checked_period(period)
    if first == last:
        return (f"the {nth(first.day)}", _of(first))
    ends = (f"from the {nth(first.day)}", f"to the {nth(last.day)}")
    # The month is heard once where it is the same, the year only where the two differ.
    months = ("" if (first.year, first.month) == (last.year, last.month) else _of(first), _of(last))
    years = [_year(day.year) if first.year != last.year else () for day in period]
    phrases: list[str] = []
    for end, month, year in zip(ends, months, years, strict=True):
        phrases += [end, month] if month else [end]
        phrases += [BREATH, *year] if year else []
        phrases += [BREATH] if year and end is ends[0] else []
    return tuple(phrases)


def _of(day: datetime.date) -> str:
    # "of" before a pause is taken for "of it": it belongs to the month, not to the day.
    return f"of {MONTHS[day.month - 1]}"


def _hour(hour: int) -> str:
    return small((hour - 1) % 12 + 1)


def _half(hour: int) -> str:
    # Letters apart, so that a voice spells them and does not say "am".
    return "a m" if hour < 12 else "p m"


def _time(moment: datetime.time) -> Phrases:
    hour, minute = checked_time(moment).hour, moment.minute
    if not minute:
        # "twelve a m" is taken for noon by some and for midnight by others.
        words = {0: "twelve midnight", 12: "twelve noon"}
        return (words.get(hour, f"{_hour(hour)} {_half(hour)}"),)
    return _hour(hour), small(minute) if minute > 9 else f"oh {small(minute)}", _half(hour)


def _duration(length: datetime.timedelta) -> Phrases:
    counts = [(n, u) for n, u in zip(checked_duration(length), LENGTHS, strict=True) if n]
    if not counts:
        return ("zero seconds",)
    phrases: list[str] = []
    for at, (count, unit) in enumerate(counts):
        if at:
            phrases.append("and" if at == len(counts) - 1 else BREATH)
        phrases += glue([small(count)], _plural(count, unit), _LENGTHS, " ")
    return tuple(phrases)


def _plural(count: int, unit: str) -> str:
    return unit if count == 1 else f"{unit}s"


def _lengths() -> frozenset[str]:
    words = {"and", "days", "seconds", "zero seconds"} | {small(count) for count in range(6, 100)}
    for unit, most in zip(LENGTHS, (7, 23, 59, 5), strict=True):
        words |= {f"{small(count)} {_plural(count, unit)}" for count in range(1, most + 1)}
    return frozenset(words)


_EARLY = frozenset(f"oh {one}" for one in ONES[1:10])
_YEARS = _EARLY | {*map(small, range(1, 100))} - {""}
_YEARS |= {"nineteen hundred", "twenty-one hundred", "two thousand", "two thousand and"}
_DAYS = frozenset(f"the {nth(day)}" for day in range(1, 32)) | {f"of {m}" for m in MONTHS}
_ENDS = frozenset(f"{end} the {nth(day)}" for day in range(1, 32) for end in ("from", "to"))
_HOURS = {f"{_hour(hour)} {_half(hour)}" for hour in range(24) if hour % 12}
_CLOCK = _EARLY | _HOURS | {"a m", "p m", "twelve noon", "twelve midnight"}
_CLOCK |= {small(number) for number in range(1, 60)}
_LENGTHS = _lengths()

SAYINGS = {
    "date": plain(_date, lambda: _DAYS | _YEARS),
    "weekday": plain(_weekday, lambda: {*WEEKDAYS}),
    "period": plain(_period, lambda: _DAYS | _YEARS | _ENDS),
    "time": plain(_time, lambda: _CLOCK),
    "duration": plain(_duration, lambda: _LENGTHS),
}
