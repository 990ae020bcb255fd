"""What is said is heard: words read back give the value."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.lang import BREATH, LANGUAGES, Period, Size, Value, say, vocabulary

from . import readback_chinese, readback_english

BACK = {"cmn": readback_chinese, "yue": readback_chinese, "en": readback_english}
NOUNS = {"cmn": ("条", "分钟", "笔"), "yue": ("條", "分鐘", "筆"), "en": ("line", "box", "call")}
PLURALS = {"line": "lines", "box": "boxes", "call": "calls"}

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
unsigned = st.builds(
    lambda whole, decimals: Decimal(f"{whole}.{decimals}".rstrip(".")),
    wholes, st.text("0123456789", max_size=6),
)  # fmt: skip
numbers = st.builds(lambda sign, number: sign * number, signs, unsigned)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))

each_language = pytest.mark.parametrize("code", LANGUAGES)


clips = cache(vocabulary)


def hear(code: str, kind: str, value: Value, argument: str = "", careful: bool = False) -> str:
    """Say a value, see that each phrase is in the vocabulary of its kind, and return the line."""
    phrases = say(kind, value, code, argument, careful)
    assert set(phrases) - {BREATH} <= clips(code, kind, argument)
    assert phrases[0] != BREATH != phrases[-1]
    return LANGUAGES[code].join(phrases)


each_currency = pytest.mark.parametrize("currency", ["CNY", "HKD", "USD"])


@each_language
@each_currency
@settings(max_examples=150, deadline=None)
@given(amount=amounts)
def test_an_amount_is_heard_as_it_was(code: str, currency: str, amount: Decimal) -> None:
    assert BACK[code].money(hear(code, "money", amount, currency)) == (currency, amount)


@each_language
@each_currency
@settings(max_examples=100, deadline=None)
@given(amount=amounts)
def test_an_amount_said_carefully_is_heard_as_it_was(
    code: str, currency: str, amount: Decimal
) -> None:
    words = hear(code, "money", amount, currency, careful=True)
    if abs(amount) < 10 and amount % 1 == 0:  # one digit is careful enough as it is
        assert words == hear(code, "money", amount, currency)
    else:
        assert BACK[code].money_spelt(words) == (currency, amount)


@each_language
@settings(max_examples=150, deadline=None)
@given(number=numbers)
def test_a_number_is_heard_as_it_was(code: str, number: Decimal) -> None:
    assert BACK[code].number(hear(code, "number", number)) == number
    assert BACK[code].spelt(hear(code, "number", number, careful=True)) == number


@pytest.mark.parametrize("code", ["cmn", "yue"])
def test_chinese_says_just_the_zeros_and_ones_it_should(code: str) -> None:
    for high, middle, low in product(SECTIONS, repeat=3):
        number = (high * 10**4 + middle) * 10**4 + low
        words = "".join(say("number", number, code)).translate(readback_chinese.SIMPLIFIED)
        assert words.replace("两", "二") == readback_chinese.by_places(number)


@settings(max_examples=200, deadline=None)
@given(number=wholes)
def test_english_says_and_before_the_last_two_digits_only(number: int) -> None:
    words = hear("en", "number", number)
    assert not re.search(r"hundred (?!and |thousand|million|billion)", words)
    assert not re.search(r"(thousand|million|billion) [a-z]+(-[a-z]+)?$", words)
    assert not re.search(r"(thousand|million|billion) and .+ (hundred|thousand|million)", words)


@each_language
def test_every_place_in_an_order_is_heard_as_it_was(code: str) -> None:
    for place in range(1, 1000):
        assert BACK[code].ordinal(hear(code, "ordinal", place)) == place


@each_language
@settings(max_examples=150, deadline=None)
@given(count=wholes, which=st.integers(0, 2))
def test_a_count_is_heard_as_it_was(code: str, count: int, which: int) -> None:
    noun = NOUNS[code][which]
    for careful in (False, True):
        words = hear(code, "count", count, noun, careful)
        said = noun if count == 1 else PLURALS.get(noun, noun)
        assert words.endswith(said)
        number = words.removesuffix(said).strip()
        spelt = careful and count > 9
        assert (BACK[code].spelt if spelt else BACK[code].number)(number) == count


@each_language
@settings(max_examples=150, deadline=None)
@given(share=st.one_of(numbers, st.integers(-200, 200)))
def test_a_percentage_is_heard_as_it_was(code: str, share: Decimal | int) -> None:
    assert BACK[code].percent(hear(code, "percent", share)) == share


@each_language
@settings(max_examples=150, deadline=None)
@given(
    amount=st.one_of(unsigned, st.integers(0, 2000).map(Decimal)),
    unit=st.sampled_from(["KB", "MB", "GB", "TB"]),
)
def test_a_size_of_data_is_heard_as_it_was(code: str, amount: Decimal, unit: str) -> None:
    assert BACK[code].data(hear(code, "data", Size(amount, unit))) == (amount, unit)


@each_language
def test_every_date_is_heard_as_it_was(code: str) -> None:
    day, weekdays = date(1900, 1, 1), [hear(code, "weekday", date(1900, 1, d)) for d in range(1, 8)]
    while day <= date(2100, 12, 31):
        assert BACK[code].date(hear(code, "date", day)) == day.isoformat()
        assert hear(code, "weekday", day) == weekdays[day.weekday()]
        day += timedelta(days=1)
    assert len(set(weekdays)) == 7


@each_language
@settings(max_examples=200, deadline=None)
@given(one=days, other=days, near=st.integers(0, 400))
def test_a_period_is_heard_as_it_was(code: str, one: date, other: date, near: int) -> None:
    close = min(one + timedelta(days=near), date(2100, 12, 31))
    for period in (Period(min(one, other), max(one, other)), Period(one, close), Period(one, one)):
        ends = [day.isoformat() for day in period]
        if period.first.year == period.last.year:  # then no year is said
            ends = [day[4:] for day in ends]
        heard = BACK[code].period(hear(code, "period", period))
        assert heard == (ends[:1] if period.first == period.last else ends)


@each_language
@settings(max_examples=100, deadline=None)
@given(digits=st.text("0123456789", min_size=3, max_size=20), plus=st.sampled_from(["", "+"]))
def test_digits_and_telephone_numbers_differ_in_their_breaths_only(
    code: str, digits: str, plus: str
) -> None:
    words = hear(code, "phone", plus + digits)
    spoken = hear(code, "phone", digits).replace(", ", " ")
    assert spoken.replace(" ", "") == hear(code, "digits", digits).replace(" ", "")
    assert words.startswith({"cmn": "加", "yue": "加", "en": "plus "}[code]) == bool(plus)


@each_language
@settings(max_examples=100, deadline=None)
@given(tail=st.from_regex(r"[0-9]{1,7}[0-9A-Z]", fullmatch=True))
def test_a_tail_is_heard_as_it_was(code: str, tail: str) -> None:
    assert BACK[code].tail(hear(code, "tail", tail)) == tail
    assert hear(code, "tail", tail.lower()) == hear(code, "tail", tail)


@each_language
@settings(max_examples=200, deadline=None)
@given(words=st.lists(st.from_regex(r"[0-9A-Z]{1,6}", fullmatch=True), min_size=1, max_size=4))
def test_the_name_of_a_plan_is_heard_as_it_was(code: str, words: list[str]) -> None:
    for space in (" ", "-"):
        assert BACK[code].plan(hear(code, "plan", space.join(words))) == words


@each_language
def test_every_minute_of_the_day_sounds_different(code: str) -> None:
    spoken = [hear(code, "time", time(at // 60, at % 60)) for at in range(24 * 60)]
    assert len(set(spoken)) == 24 * 60


@each_language
@settings(max_examples=150, deadline=None)
@given(
    seconds=st.one_of(st.integers(0, 99 * 24 * 3600), st.integers(0, 2376).map(lambda h: h * 3600))
)
def test_a_duration_is_heard_as_it_was(code: str, seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert BACK[code].duration(hear(code, "duration", length)) == length
