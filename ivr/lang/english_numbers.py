"""Numbers in English: cardinals, ordinals, counts, percentages, sizes of data."""

from __future__ import annotations

import re
from decimal import Decimal

from ivr.lang.language import Phrases, Saying, glue, one_by_one, plain
from ivr.lang.limits import (
    Size,
    checked_count,
    checked_number,
    checked_place,
    checked_size,
    short,
)


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ONES = _split(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = _split("twenty thirty forty fifty sixty seventy eighty ninety")
NTHS = _split(
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (1, ""))
SIZES = {"KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte"}

_NOUN = re.compile(r"([a-z]+(?: [a-z]+)*)(?:/([a-z]+(?: [a-z]+)*))?", re.IGNORECASE)


def small(number: int) -> str:
    """Return 0 to 99 in words: `forty-five`."""
    tens, ones = divmod(number, 10)
    if number < 20:
        return ONES[number]
    return f"{TENS[tens - 2]}-{ONES[ones]}" if ones else TENS[tens - 2]


def nth(number: int) -> str:
    """Return 1 to 99 as an ordinal: `twenty-second`."""
    tens, ones = divmod(number, 10)
    if number < 20:
        return NTHS[number]
    return f"{TENS[tens - 2]}-{NTHS[ones]}" if ones else f"{TENS[tens - 2][:-1]}ieth"


HUNDREDS = tuple(f"{one} hundred" for one in ONES[1:10])
USUAL = (*ONES[:11], *TENS, *HUNDREDS)
"""The round numbers that share a breath with units that are not heard every day."""


def _cardinals() -> frozenset[str]:
    words = [small(n) for n in range(100)]
    few = {*words[1:11], *HUNDREDS}
    phrases = {*words, *HUNDREDS, *(f"{hundred} and" for hundred in HUNDREDS), "and"}
    # Numbers rare before a scale are said apart from it: twelve | million.
    phrases |= {f"{word} thousand" for word in (*words[1:], *HUNDREDS)}
    phrases |= {f"{word} thousand and" for word in few}
    phrases |= {f"{word} million" for word in few} | {f"{word} billion" for word in words[1:10]}
    return frozenset(phrases | {"million", "billion"})


CARDINALS = _cardinals()
READ = CARDINALS | {f"point {one}" for one in ONES[:10]}
"""Every phrase of a number that is not below zero."""
_NTHS = frozenset({nth(n) for n in range(1, 100)} | {f"{hundred}th" for hundred in HUNDREDS})
_PERCENTS = frozenset({"per cent", *(f"{word} per cent" for word in (*USUAL, *ONES[11:]))})
_SIZES = frozenset(
    {f"{word} {SIZES[unit]}s" for unit in ("MB", "GB") for word in USUAL if word != "one"}
    | {f"one {size}" for size in SIZES.values()}
    | {f"{size}s" for size in SIZES.values()}
)


def whole(number: int) -> list[str]:
    """Say a number from 0 to 999,999,999,999."""
    if number < 100:
        return [small(number)]
    phrases: list[str] = []
    for size, scale in SCALES:
        group = number // size % 1000
        # British "and" stands before the last two digits, also when the hundreds are empty.
        if phrases and not scale and 0 < group < 100:
            phrases = glue(phrases, "and", CARDINALS, " ")
        if group:
            said = _group(group)
            phrases += glue(said, scale, CARDINALS, " ") if scale else said
    return phrases


def _group(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return [small(rest)]
    head = HUNDREDS[hundreds - 1]
    return [f"{head} and", small(rest)] if rest else [head]


def spell(number: int, decimals: str) -> list[str]:
    """Say a number digit by digit."""
    return one_by_one(number, decimals, ONES, "point ")


def _read(number: int, decimals: str) -> list[str]:
    after = [ONES[int(digit)] for digit in decimals]
    return [*whole(number), *([f"point {after[0]}", *after[1:]] if after else [])]


def _number(value: Decimal | int, _argument: str, careful: bool) -> Phrases:
    negative, number, decimals = checked_number(value)
    sign = ["minus"] if negative else []
    return (*sign, *(spell(number, decimals) if careful else _read(number, decimals)))


def _ordinal(value: Decimal | int) -> Phrases:
    hundreds, rest = divmod(checked_place(value), 100)
    if not hundreds:
        return (nth(rest),)
    head = HUNDREDS[hundreds - 1]
    return (f"{head} and", nth(rest)) if rest else (f"{head}th",)


def forms(noun: str) -> tuple[str, str]:
    """Return the singular and the plural of a noun as an author wrote it: `line`, `entry/entries`.

    Raises ValueError for what is no noun and for a plural that has to be written out.
    """
    match = _NOUN.fullmatch(noun)
    if not match:
        lacking = "a count needs" if not noun else f"{short(noun)} is not"
        raise ValueError(
            f"{lacking} the noun that is counted: one in English is expected, with its plural "
            "if that is not regular, such as {n:count line} or {n:count entry/entries}"
        )
    one, many = match.groups()
    if not many and re.search("[^aeiou]y$", one, re.IGNORECASE):
        raise ValueError(
            f"the plural of {short(one)} is not regular: write it out, such as entry/entries"
        )
    return one, many or f"{one}{'es' if re.search('(s|x|ch|sh)$', one, re.IGNORECASE) else 's'}"


def _counted(noun: str) -> set[str]:
    one, many = forms(noun)
    return {f"one {one}", many, *(f"{word} {many}" for word in ONES[:11] if word != "one")}


def _count(value: Decimal | int, noun: str, careful: bool) -> Phrases:
    count, (one, many) = checked_count(value), forms(noun)
    if count == 1:
        return (f"one {one}",)
    spoken = spell(count, "") if careful else whole(count)
    return tuple(glue(spoken, many, _counted(noun), " "))


def _percent(value: Decimal | int) -> Phrases:
    negative, number, decimals = checked_number(value)
    sign = ["minus"] if negative else []
    return (*sign, *glue(_read(number, decimals), "per cent", _PERCENTS, " "))


def _size(size: Size) -> Phrases:
    number, decimals, unit = checked_size(size)
    if number == 1 and not decimals:
        return (f"one {SIZES[unit]}",)
    return tuple(glue(_read(number, decimals), f"{SIZES[unit]}s", _SIZES, " "))


SAYINGS = {
    "number": Saying(_number, lambda _: READ | {"minus"}),
    "ordinal": plain(_ordinal, lambda: _NTHS | {f"{hundred} and" for hundred in HUNDREDS}),
    "count": Saying(_count, lambda noun: CARDINALS | _counted(noun), forms),
    "percent": plain(_percent, lambda: READ | _PERCENTS | {"minus"}),
    "data": plain(_size, lambda: READ | _SIZES),
}
