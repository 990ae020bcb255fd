"""What is said is heard: words read back give the value, and every phrase has its clip."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.lang import BREATH, LANGUAGES, Phrases

from . import readback

READ_MONEY = {
    "cmn": readback.chinese_money,
    "yue": readback.chinese_money,
    "en": readback.english_money,
}
READ_NUMBER = {
    "cmn": readback.chinese_number,
    "yue": readback.chinese_number,
    "en": readback.english_number,
}
READ_DATE = {
    "cmn": readback.chinese_date,
    "yue": readback.chinese_date,
    "en": readback.english_date,
}

# Sections of four places that are often empty: where 零 and "and" are decided.
SECTIONS = (0, 1, 2, 10, 12, 20, 100, 105, 110, 1000, 1001, 1010, 2200, 5000, 9999)
sections = st.sampled_from(SECTIONS)
sparse = st.builds(
    lambda high, middle, low: (high * 10**4 + middle) * 10**4 + low, sections, sections, sections
)
wholes = st.one_of(sparse, st.integers(0, 99_999_999), st.integers(0, 10**12 - 1))
signs = st.sampled_from([1, -1])
amounts = st.builds(
    lambda sign, yuan, fen: sign * (Decimal(yuan) + Decimal(fen) / 100),
    signs, wholes, st.integers(0, 99),
)  # fmt: skip
numbers = st.builds(
    lambda sign, whole, decimals: sign * Decimal(f"{whole}.{decimals}".rstrip(".")),
    signs, wholes, st.text("0123456789", max_size=6),
)  # fmt: skip

each_language = pytest.mark.parametrize("code", LANGUAGES)


def assert_clips(code: str, phrases: Phrases) -> None:
    assert set(phrases) - {BREATH} <= LANGUAGES[code].vocabulary()
    assert phrases[0] != BREATH != phrases[-1]


@each_language
@settings(max_examples=150, deadline=None)
@given(amount=amounts)
def test_an_amount_is_heard_as_it_was(code: str, amount: Decimal) -> None:
    phrases = LANGUAGES[code].money(amount)
    assert READ_MONEY[code](LANGUAGES[code].join(phrases)) == amount
    assert_clips(code, phrases)


@each_language
@settings(max_examples=150, deadline=None)
@given(number=numbers)
def test_a_number_is_heard_as_it_was(code: str, number: Decimal) -> None:
    phrases = LANGUAGES[code].number(number)
    assert READ_NUMBER[code](LANGUAGES[code].join(phrases)) == number
    assert_clips(code, phrases)


@pytest.mark.parametrize("code", ["cmn", "yue"])
def test_chinese_says_just_the_zeros_and_ones_it_should(code: str) -> None:
    language = LANGUAGES[code]
    for high, middle, low in product(SECTIONS, repeat=3):
        number = (high * 10**4 + middle) * 10**4 + low
        words = language.join(language.number(number)).translate(readback.SIMPLIFIED)
        assert words.replace("两", "二") == readback.chinese_by_places(number)


@settings(max_examples=200, deadline=None)
@given(number=wholes)
def test_english_says_and_before_the_last_two_digits_only(number: int) -> None:
    words = LANGUAGES["en"].join(LANGUAGES["en"].number(number))
    assert not re.search(r"hundred (?!and |thousand|million|billion)", words)
    assert not re.search(r"(thousand|million|billion) [a-z]+(-[a-z]+)?$", words)
    assert not re.search(r"(thousand|million|billion) and .+ (hundred|thousand|million)", words)


@each_language
def test_every_date_is_heard_as_it_was(code: str) -> None:
    day, language = date(1900, 1, 1), LANGUAGES[code]
    used: set[str] = set()
    while day <= date(2100, 12, 31):
        phrases = language.date(day)
        assert READ_DATE[code](language.join(phrases)) == day.isoformat()
        used.update(phrases)
        day += timedelta(days=1)
    assert used - {BREATH} <= language.vocabulary()


@each_language
@settings(max_examples=100, deadline=None)
@given(digits=st.text("0123456789", min_size=3, max_size=20), plus=st.sampled_from(["", "+"]))
def test_digits_and_telephone_numbers_are_in_the_vocabulary(
    code: str, digits: str, plus: str
) -> None:
    language = LANGUAGES[code]
    assert_clips(code, language.digits(digits))
    assert_clips(code, language.phone(plus + digits))
    spoken = language.join(language.phone(digits)).replace(", ", " ")
    apart = language.join(language.digits(digits))
    assert spoken.replace(" ", "") == apart.replace(" ", "")


@each_language
def test_every_minute_of_the_day_sounds_different(code: str) -> None:
    spoken = [LANGUAGES[code].time(time(at // 60, at % 60)) for at in range(24 * 60)]
    assert len(set(spoken)) == 24 * 60
    assert set().union(*spoken) <= LANGUAGES[code].vocabulary()


@each_language
@settings(max_examples=100, deadline=None)
@given(seconds=st.integers(0, 99 * 24 * 3600))
def test_a_duration_is_in_the_vocabulary(code: str, seconds: int) -> None:
    assert_clips(code, LANGUAGES[code].duration(timedelta(seconds=seconds)))


def everything(code: str) -> Iterator[Phrases]:
    language = LANGUAGES[code]
    for number in range(10_000):
        for size in (1, 10**4, 10**8):
            yield language.number(number * size)
            yield language.number(number * size + 10 ** (4 if size == 1 else 0))
        yield language.money(Decimal(number) / 100)
        yield language.money(Decimal(number * 10))
    for number in range(100):
        for scale in (10**3, 10**6, 10**9):
            yield language.number(number * scale + 1)
            yield language.money(Decimal(number * scale))
            yield language.money(Decimal(number * scale + number))
            yield language.number(number * scale * 10)
            yield language.number(number * scale * 10 + 1)
        yield (
            *language.digits(f"{number:02d}"),
            *language.digits(str(number % 10)),
            *language.number(Decimal(number) / 100),
            *language.duration(timedelta(days=number % 100)),
            *language.duration(timedelta(seconds=number)),
            *language.duration(timedelta(minutes=number)),
            *language.duration(timedelta(hours=number)),
        )
    for at in range(24 * 60):
        yield language.time(time(at // 60, at % 60))
    for at in range(366):
        yield language.date(date(2000, 1, 1) + timedelta(days=at))
    for year in range(1900, 2101):
        yield language.date(date(year, 1, 1))
    yield (*language.number(-1), *language.phone("+861380013800"))


@each_language
def test_no_clip_is_made_that_nothing_says(code: str) -> None:
    said = {phrase for phrases in everything(code) for phrase in phrases}
    assert LANGUAGES[code].vocabulary() - said == set()
    assert said - {BREATH} <= LANGUAGES[code].vocabulary()


@each_language
def test_the_vocabulary_is_small_enough_to_be_made_ahead(code: str) -> None:
    assert 500 < len(LANGUAGES[code].vocabulary()) <= 900
