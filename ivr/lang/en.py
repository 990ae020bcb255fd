"""English, British style: `one thousand and ten`, `the second of May`."""

from __future__ import annotations

import datetime
from decimal import Decimal

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
    glue,
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ONES = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
NTHS = _words(
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
MONTHS = _words(
    "January February March April May June July August September October November December"
)
SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (1, ""))
LENGTHS = ("day", "hour", "minute", "second")


def small(number: int) -> str:
    """Return 0 to 99 in words: `forty-five`."""
    tens, ones = divmod(number, 10)
    if number < 20:
        return ONES[number]
    return f"{TENS[tens - 2]}-{ONES[ones]}" if ones else TENS[tens - 2]


def nth(number: int) -> str:
    """Return 1 to 39 as an ordinal: `twenty-second`."""
    tens, ones = divmod(number, 10)
    if number < 20:
        return NTHS[number]
    return f"{TENS[tens - 2]}-{NTHS[ones]}" if ones else f"{TENS[tens - 2][:-1]}ieth"


def plural(count: int, unit: str) -> str:
    """Return the unit as it stands after the count."""
    return unit if count == 1 else f"{unit}s"


def _hour(hour: int) -> str:
    return small((hour - 1) % 12 + 1)


def _half(hour: int) -> str:
    # Letters apart, so that a voice spells them and does not say "am".
    return "a m" if hour < 12 else "p m"


def _vocabulary() -> frozenset[str]:
    words = [small(n) for n in range(100)]
    hundreds = [f"{word} hundred" for word in words[1:10]]
    few = {*words[1:11], *hundreds}
    numerals = {*words, *hundreds, *(f"{hundred} and" for hundred in hundreds), "minus", "and"}
    # Numbers rare before a scale are said apart from it: twelve | million.
    numerals |= {f"{word} thousand" for word in (*words[1:], *hundreds)}
    numerals |= {f"{word} thousand and" for word in few}
    numerals |= {f"{word} million" for word in few} | {f"{word} billion" for word in words[1:10]}
    numerals |= {"million", "billion"}
    amounts = {"yuan", *(f"{count} yuan" for count in (*words, *hundreds))}
    amounts |= {f"{lead}{word} fen" for word in words[1:] for lead in ("", "and ")}
    series = {"plus", *(f"{one} {two}" for one in ONES[:10] for two in ONES[:10])}
    series |= {f"point {one}" for one in ONES[:10]}
    days = {*(f"the {nth(day)} of" for day in range(1, 32)), *MONTHS}
    days |= {"nineteen hundred", "twenty-one hundred", "two thousand", "two thousand and"}
    clock = {f"oh {one}" for one in ONES[1:10]} | {"a m", "p m", "twelve noon", "twelve midnight"}
    clock |= {f"{_hour(hour)} {_half(hour)}" for hour in range(24) if hour % 12}
    lengths = {"days", "seconds", "zero seconds"}
    for unit, most in zip(LENGTHS, (7, 23, 59, 5), strict=True):
        lengths |= {f"{small(count)} {plural(count, unit)}" for count in range(1, most + 1)}
    return frozenset(numerals | amounts | series | days | clock | lengths)


VOCABULARY = _vocabulary()


def _whole(number: int) -> list[str]:
    if number < 100:
        return [small(number)]
    phrases: list[str] = []
    for size, scale in SCALES:
        group = number // size % 1000
        # British "and" stands before the last two digits, also when the hundreds are empty.
        if phrases and not scale and 0 < group < 100:
            phrases = glue(phrases, "and", VOCABULARY, " ")
        if group:
            said = _group(group)
            phrases += glue(said, scale, VOCABULARY, " ") if scale else said
    return phrases


def _group(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return [small(rest)]
    head = f"{small(hundreds)} hundred"
    return [f"{head} and", small(rest)] if rest else [head]


class English:
    """Satisfies `Language`."""

    code = "en"
    name = "English"

    def number(self, value: Decimal | int) -> Phrases:
        negative, whole, decimals = checked_number(value)
        sign = ["minus"] if negative else []
        after = [ONES[int(digit)] for digit in decimals]
        fraction = [f"point {after[0]}", *after[1:]] if after else []
        return (*sign, *_whole(whole), *fraction)

    def money(self, amount: Decimal) -> Phrases:
        negative, yuan, fen = checked_money(amount)
        phrases = ["minus"] if negative else []
        # Below one yuan the yuan are not said; neither yuan nor fen has a plural.
        if not yuan and fen:
            return (*phrases, f"{small(fen)} fen")
        phrases += glue(_whole(yuan), "yuan", VOCABULARY, " ")
        return (*phrases, f"and {small(fen)} fen") if fen else tuple(phrases)

    def digits(self, text: str) -> Phrases:
        # Two digits in one breath; zero, for "oh" is mistaken for a letter.
        words = [ONES[int(digit)] for digit in checked_digits(text)]
        return tuple(" ".join(words[i : i + 2]) for i in range(0, len(words), 2))

    def phone(self, number: str) -> Phrases:
        plus, groups = checked_phone(number)
        phrases = ["plus"] if plus else []
        for at, group in enumerate(groups):
            phrases += [BREATH, *self.digits(group)] if at else self.digits(group)
        return tuple(phrases)

    def date(self, day: datetime.date) -> Phrases:
        # Day first: it is what a caller waits for, and it goes with the British numbers.
        checked_date(day)
        return (f"the {nth(day.day)} of", MONTHS[day.month - 1], BREATH, *self._year(day.year))

    def _year(self, year: int) -> Phrases:
        century, rest = divmod(year, 100)
        if century == 20 and rest < 10:  # "twenty oh five" is said by few
            return ("two thousand and", small(rest)) if rest else ("two thousand",)
        if not rest:
            return (f"{small(century)} hundred",)
        return small(century), small(rest) if rest > 9 else f"oh {small(rest)}"

    def time(self, moment: datetime.time) -> Phrases:
        hour, minute = checked_time(moment).hour, moment.minute
        if not minute:
            # "twelve a m" is taken for noon by some and for midnight by others.
            words = {0: "twelve midnight", 12: "twelve noon"}
            return (words.get(hour, f"{_hour(hour)} {_half(hour)}"),)
        return _hour(hour), small(minute) if minute > 9 else f"oh {small(minute)}", _half(hour)

    def duration(self, length: datetime.timedelta) -> Phrases:
        counts = [(n, u) for n, u in zip(checked_duration(length), LENGTHS, strict=True) if n]
        if not counts:
            return ("zero seconds",)
        phrases: list[str] = []
        for at, (count, unit) in enumerate(counts):
            if at:
                phrases.append("and" if at == len(counts) - 1 else BREATH)
            phrases += glue([small(count)], plural(count, unit), VOCABULARY, " ")
        return tuple(phrases)

    def vocabulary(self) -> frozenset[str]:
        return VOCABULARY

    def join(self, phrases: Phrases) -> str:
        return " ".join(phrases).replace(f" {BREATH}", ",")


LANGUAGE = English()
