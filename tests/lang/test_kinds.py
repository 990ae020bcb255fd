from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from ivr.lang import KINDS, parse

UNREADABLE = {
    "number": ["", "NaN", "Infinity", "1e9", "１２", "1,000", "+5", ".5", "5.", "--3", " 1", "1\n"],
    "money": ["", "nan", "1e2", "1,010.05", "￥5", "5元", "一", "1.", "9" * 5000],
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
}
VALUES = {
    ("number", "-3"): Decimal(-3),
    ("money", "1010.05"): Decimal("1010.05"),
    ("digits", "0012"): "0012",
    ("phone", "+85298765432"): "+85298765432",
    ("date", "2024-02-29"): date(2024, 2, 29),
    ("time", "15:05"): time(15, 5),
    ("duration", "150m"): timedelta(hours=2, minutes=30),
    ("duration", "1h30m"): timedelta(minutes=90),
    ("duration", "2d4s"): timedelta(days=2, seconds=4),
}


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
