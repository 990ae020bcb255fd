from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from ivr.lang import KINDS, LANGUAGES, Period, Size, check_argument, parse

UNREADABLE = {
    "number": ["", "NaN", "Infinity", "1e9", "１２", "1,000", "+5", ".5", "5.", "--3", " 1", "1\n"],
    "money": ["", "nan", "1e2", "1,010.05", "￥5", "5元", "一", "1.", "9" * 5000],
    "ordinal": ["", "1.0", "-1", "third", "2nd", "３", "9" * 5000],
    "count": ["", "1.5", "-1", "two", "1e3", "1,000", "9" * 5000],
    "percent": ["", "50%", "nan", "1e1", "half", "百分之五十"],
    "data": ["", "1.5", "GB", "1.5gb", "1.5 GB", "1GiB", "-1GB", "1.GB", "9" * 5000 + "GB"],
    "tail": ["", "8", "123456789", "12 34", "12-34", "尾号12", "１２", "12\n"],
    "plan": ["", "5G+", "5G  A", "-5G", "5G-", "畅享", "5G_A", "A" * 33, "5.5G", "5G\n"],
    "weekday": ["", "Friday", "星期五", "20261122"],
    "period": ["", "2026-11-01", "2026-11-01/", "2026-11", "2026-11-01/2026-11-31", "November"],
    "digits": ["", "12a", "１２", "1 2", "-1", "1" * 65],
    "phone": ["", "12", "1" * 21, "+12", "138-0013-8000", "1380013800a", "++8613800138000"],
    "date": ["", "20261122", "2026-W47-7", "22.11.2026", "2026-02-30", "2026-11-22T10:00"],
    "time": ["", "9:05", "24:00", "15:60", "15:05:00", "1505", "15:05+08:00"],
    "duration": ["", "150", "1.5h", "-1h", "30m1h", "1w", "1 h", "1h1h", "9" * 5000 + "s"],
}
TOO_FAR = {
    "number": ["1000000000000", "-1000000000000", "1.1234567"],
    "money": ["1000000000000", "-999999999999.995"],
    "date": ["1899-12-31", "2101-01-01"],
    "duration": ["99d1s", "9999999d"],
    "ordinal": ["0", "1000"],
    "count": ["1000000000000"],
    "percent": ["1000000000000", "1.1234567"],
    "data": ["1000000000000GB", "1.1234567GB"],
    "weekday": ["1899-12-31", "2101-01-01"],
    "period": ["2026-11-30/2026-11-01", "1899-12-31/1900-01-01", "2100-12-31/2101-01-01"],
}
VALUES = {
    ("number", "-3"): Decimal(-3),
    ("money", "1010.05"): Decimal("1010.05"),
    ("digits", "0012"): "0012",
    ("phone", "+85298765432"): "+85298765432",
    ("date", "2024-02-29"): date(2024, 2, 29),
    ("time", "15:05"): time(15, 5),
    ("ordinal", "3"): 3,
    ("count", "012"): 12,
    ("percent", "12.5"): Decimal("12.5"),
    ("data", "1.50GB"): Size(Decimal("1.50"), "GB"),
    ("tail", "123x"): "123X",
    ("plan", "5G-a128"): "5G-a128",
    ("weekday", "2024-02-29"): date(2024, 2, 29),
    ("period", "2026-11-01/2026-11-30"): Period(date(2026, 11, 1), date(2026, 11, 30)),
    ("duration", "150m"): timedelta(hours=2, minutes=30),
    ("duration", "1h30m"): timedelta(minutes=90),
    ("duration", "2d4s"): timedelta(days=2, seconds=4),
}


# Kind, argument, language, and what the refusal teaches.
REFUSED = [
    ("money", "EUR", "cmn", "'EUR' is no currency that is said: CNY, HKD, USD are expected"),
    ("money", "hkd", "en", "'hkd' is no currency"),
    ("count", "", "cmn", r"a count needs the classifier it is said with: .*\{n:count 条\}"),
    ("count", "", "yue", r"a count needs the classifier it is said with: .*\{n:count 條\}"),
    ("count", "line", "cmn", "'line' is not the classifier"),
    ("count", "条，", "cmn", "1 to 4 Chinese characters are expected"),
    ("count", "一二三四五", "cmn", "1 to 4 Chinese characters are expected"),
    ("count", "", "en", r"a count needs the noun that is counted: .*\{n:count line\}"),
    ("count", "条", "en", "'条' is not the noun that is counted"),
    ("count", "entry", "en", "the plural of 'entry' is not regular: write it out"),
    ("count", "entry/", "en", "'entry/' is not the noun"),
    ("count", "a/b/c", "en", "'a/b/c' is not the noun"),
    ("count", "2 lines", "en", "'2 lines' is not the noun"),
    ("number", "HKD", "cmn", "'HKD' is too much: this kind of value takes no argument"),
    ("date", "long", "en", "takes no argument"),
]


@pytest.mark.parametrize(("kind", "argument", "language", "lesson"), REFUSED)
def test_a_wrong_argument_is_told_what_is_expected(
    kind: str, argument: str, language: str, lesson: str
) -> None:
    with pytest.raises(ValueError, match=lesson):
        check_argument(kind, argument, language)


def test_only_money_and_counts_take_an_argument() -> None:
    for language in LANGUAGES:
        for kind in set(KINDS) - {"money", "count"}:
            check_argument(kind, "", language)
            with pytest.raises(ValueError, match="takes no argument"):
                check_argument(kind, "x", language)


@pytest.mark.parametrize(
    "noun", ["line", "text message", "day", "box", "entry/entries", "SIM/SIMs"]
)
def test_a_noun_with_its_plural_is_an_argument(noun: str) -> None:
    check_argument("count", noun, "en")


def pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(kind, text) for kind, texts in table.items() for text in texts]


@pytest.mark.parametrize(("given", "value"), VALUES.items())
def test_a_text_is_read_into_its_value(given: tuple[str, str], value: object) -> None:
    assert parse(*given) == value


@pytest.mark.parametrize(("kind", "text"), pairs(UNREADABLE))
def test_an_unreadable_text_is_shown_beside_an_example(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        parse(kind, text)
    message = str(refused.value)
    assert repr(text[:39])[:-1] in message
    assert "such as " in message
    assert len(message) < 300


@pytest.mark.parametrize(("kind", "text"), pairs(TOO_FAR))
def test_a_value_out_of_range_is_told_the_range(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"said|decimals"):
        parse(kind, text)


def test_every_kind_refuses_something() -> None:
    assert set(UNREADABLE) == set(KINDS)
