"""The vocabulary is what is synthesised ahead: all that can be said, and nothing else."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from ivr.lang import BREATH, KINDS, LANGUAGES, Period, Size, Value, say, vocabulary

# Every shape of number: all small ones, and each scale with something behind it and without.
FEW = [
    *range(1, 121),
    *range(200, 1000, 100),
    *range(1001, 10_000, 1000),
    *range(1000, 10_000, 1000),
]
SCALES = (1, 10**3, 10**4, 10**6, 10**8, 10**9)
ROUND = {few * scale for few in FEW for scale in SCALES if few * scale < 10**12}
WHOLES = sorted(
    {*range(1000), *ROUND, *(few * 1000 + 1 for few in FEW)} | {n + 10**4 for n in ROUND}
)
SHARES = [Decimal(n) / 1000 for n in range(1000)] + [Decimal("1.0")]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PAIRS = [f"{n:02d}" for n in range(100)]
DAYS = [date(2000, 1, 1) + timedelta(days=at) for at in range(366)]
YEARS = [date(year, 1, 1) for year in range(1900, 2101)]

VALUES: dict[str, list[Value]] = {
    "number": [*WHOLES, *SHARES, -1],
    "ordinal": [*range(1, 1000)],
    "count": [*WHOLES],
    "money": [*map(Decimal, WHOLES), *(Decimal(n) / 100 for n in range(2000)), Decimal(-1)],
    "percent": [*WHOLES, *SHARES, -1],
    "data": [
        Size(Decimal(n), unit) for n in [*WHOLES, *SHARES] for unit in ("KB", "MB", "GB", "TB")
    ],
    "digits": [*PAIRS, *"0123456789"],
    "phone": [*(f"+1{pair}0" for pair in PAIRS), *(f"12{pair}{pair[1]}" for pair in PAIRS)],
    "tail": [*PAIRS, *(f"{n}X" for n in range(10)), *(f"1{letter}" for letter in LETTERS)],
    "plan": [
        *LETTERS,
        *PAIRS,
        *(f"{n}" for n in range(100)),
        *(f"{n}G" for n in range(100)),
        *(f"1{pair}{pair[1]}9" for pair in PAIRS),
        *(f"{pair}{pair}" for pair in PAIRS),
        *(f"10{n}" for n in range(10)),
    ],
    "date": [*DAYS, *YEARS],
    "weekday": [*DAYS],
    "period": [
        *(Period(day, min(day + timedelta(days=28), DAYS[-1])) for day in DAYS),
        *(Period(DAYS[0], day) for day in DAYS),
        *(Period(day, day) for day in DAYS),
        *(Period(YEARS[0], year) for year in YEARS),
        *(Period(year, YEARS[-1]) for year in YEARS),
    ],
    "time": [time(at // 60, at % 60) for at in range(24 * 60)],
    "duration": [
        timedelta(hours=25),
        *(timedelta(seconds=n * unit) for n in range(100) for unit in (1, 60, 3600, 24 * 3600)),
    ],
}


def shipped(code: str) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        for argument in LANGUAGES[code].shipped.get(kind, ("",)):
            yield kind, argument


each = pytest.mark.parametrize(
    ("code", "kind", "argument"), [(code, *kind) for code in LANGUAGES for kind in shipped(code)]
)


@each
def test_a_kind_lists_all_it_says_and_nothing_else(code: str, kind: str, argument: str) -> None:
    said = {
        phrase
        for value in VALUES[kind]
        for careful in (False, True)
        for phrase in say(kind, value, code, argument, careful)
    }
    assert said - {BREATH} == vocabulary(code, kind, argument)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_vocabulary_of_a_language_is_that_of_its_kinds(code: str) -> None:
    every = frozenset().union(*(vocabulary(code, *kind) for kind in shipped(code)))
    assert LANGUAGES[code].vocabulary() == every
    assert BREATH not in every
    assert all(phrase == phrase.strip() != "" for phrase in every)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_vocabulary_is_small_enough_to_be_made_ahead(code: str) -> None:
    assert 1300 < len(LANGUAGES[code].vocabulary()) <= 1450


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_kind_is_said_in_every_language(code: str) -> None:
    assert set(LANGUAGES[code].sayings) == set(KINDS) == set(VALUES)


@pytest.mark.parametrize(("code", "noun"), [("cmn", "笔"), ("yue", "筆"), ("en", "entry/entries")])
def test_a_noun_that_is_not_shipped_brings_its_own_phrases(code: str, noun: str) -> None:
    phrases = vocabulary(code, "count", noun) - LANGUAGES[code].vocabulary()
    assert all(word.endswith(tuple(noun.split("/"))) for word in phrases)
    assert 10 < len(phrases) < 30
