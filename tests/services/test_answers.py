"""What a back end may answer, and everything it may not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ivr.flow.services import Failed, Found, Kind, Value
from ivr.flow.source import Wrong
from ivr.lang.limits import checked_date, checked_digits, checked_money, checked_number
from ivr.services.answers import read_answer, read_object, read_value

GIVES: dict[str, Kind] = {"balance": "money", "expires": "date", "name": "text"}


def read(body: bytes, gives: dict[str, Kind]) -> Found | Failed:
    """Read a body whole."""
    answer = read_object(body)
    return answer if isinstance(answer, Failed) else read_answer(answer, gives)


def test_an_answer_with_every_field_is_found_and_other_fields_are_ignored() -> None:
    body = '{"balance": "123.45", "expires": "2026-12-31", "name": "王小明", "x": [1]}'
    assert read(body.encode(), GIVES) == Found(
        {"balance": Decimal("123.45"), "expires": date(2026, 12, 31), "name": "王小明"}
    )


def test_a_byte_order_mark_before_the_answer_is_not_held_against_it() -> None:
    assert read(b'\xef\xbb\xbf{"x": "y"}', {"x": "text"}) == Found({"x": "y"})


def test_money_in_a_json_number_is_read_to_the_last_cent() -> None:
    # 9007199254.93 is no float, and 0.07 is none either.
    body = b'{"a": 9007199254.93, "b": 0.07, "c": -3, "d": 1e3, "e": 12.300}'
    answer = read(body, dict.fromkeys("abcde", "money"))
    assert isinstance(answer, Found)
    assert [str(value) for value in answer.values.values()] == [
        "9007199254.93",
        "0.07",
        "-3.00",
        "1000.00",
        "12.30",
    ]


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("phone", "+85298765432", "12"),
        ("tail", "123X", "12-3"),
        ("time", "15:05", "15:05:10"),
        ("duration", "1h30m", "90 minutes"),
        ("period", "2026-11-01/2026-11-30", "2026-11"),
        ("data", "1.5GB", "1.5 gigs"),
        ("plan", "5G-A128", "五G"),
    ],
)
def test_what_is_said_as_it_is_written_must_be_sayable(kind: Kind, right: str, wrong: str) -> None:
    assert read_value(kind, right) == right
    with pytest.raises(Wrong) as told:
        read_value(kind, wrong)
    assert wrong not in str(told.value)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b'{"balance": "12', "not JSON"),
        (b"<html>", "not JSON"),
        (b'{"balance": NaN}', "not JSON"),
        (b'{"balance": -Infinity}', "not JSON"),
        (b'{"balance": 1e99999999999999999999999}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 40_000, "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"\xff\xfe{}", "not UTF-8"),
        ('{"name": "王"}'.encode("gbk"), "not UTF-8"),
        (b"{}", "has no 'balance'"),
        (b'{"balance": "1", "expires": "2026-12-31"}', "has no 'name'"),
    ],
)
def test_rubbish_is_failed_with_a_reason(body: bytes, reason: str) -> None:
    answer = read(body, GIVES)
    assert isinstance(answer, Failed)
    assert reason in answer.reason


@pytest.mark.parametrize("figures", ["1e9999999", "-1e9999999", "1e-9999999", "9" * 200_000])
def test_figures_that_are_too_large_or_too_fine_are_refused_at_once(figures: str) -> None:
    answer = read(f'{{"a": {figures}}}'.encode(), {"a": "money"})
    assert isinstance(answer, Failed)
    assert "'a' in the answer is not money" in answer.reason


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("money", "-0.00", "0.00"),
        ("money", "-9999999999.99", "-9999999999.99"),
        ("money", 5, "5.00"),
        ("number", "1.50", "1.50"),
        ("number", Decimal("1.5E+3"), "1500"),
        ("number", Decimal("-0.000001"), "-0.000001"),
        ("number", Decimal("2.00000000"), "2.000000"),
        ("number", "-0", "0"),
        ("text", "", ""),
        ("text", "流量　30 GB 🙂", "流量　30 GB 🙂"),
        ("digits", "0755", "0755"),
        ("language", "yue", "yue"),
        ("date", "2028-02-29", "2028-02-29"),
    ],
)
def test_a_value_is_read_as_its_kind(kind: Kind, given: object, value: str) -> None:
    assert str(read_value(kind, given)) == value


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("money", "1.005"),
        ("money", Decimal("0.001")),
        ("money", "10000000000"),
        ("money", Decimal("NaN")),
        ("money", Decimal("sNaN")),
        ("money", Decimal("Infinity")),
        ("money", "NaN"),
        ("money", "1e3"),
        ("money", "１２"),
        ("money", " 12"),
        ("money", "12\n"),
        ("money", "1,000.00"),
        ("money", True),
        ("money", None),
        ("money", 0.5),
        ("money", ["1"]),
        ("number", "0.0000001"),
        ("number", "1000000000000"),
        ("number", False),
        ("date", "2026-13-01"),
        ("date", "2027-02-29"),
        ("date", "20261231"),
        ("date", "2026-W01-1"),
        ("date", "2026-12-31T00:00:00"),
        ("date", "1899-12-31"),
        ("date", "9999-12-31"),
        ("date", "２０２６-12-31"),
        ("date", Decimal(20261231)),
        ("text", "x" * 501),
        ("text", "a\nb"),
        ("text", "a\x00b"),
        ("text", "a\u2028b"),
        ("text", "\ud800"),
        ("text", Decimal(1)),
        ("text", {}),
        ("digits", ""),
        ("digits", "1 2"),
        ("digits", "١٢"),
        ("digits", "1" * 41),
        ("digits", Decimal(755)),
        ("language", "zh"),
        ("language", []),
        ("language", None),
    ],
)
def test_a_value_that_is_not_of_its_kind_is_refused(kind: Kind, given: object) -> None:
    with pytest.raises(Wrong):
        read_value(kind, given)


def test_a_reason_names_the_field_and_never_tells_the_value() -> None:
    answer = read('{"name": "王小明\\u0007"}'.encode(), {"name": "text"})
    assert answer == Failed("'name' in the answer is not text: it holds control characters")


@pytest.mark.parametrize("sign", ["", "-"])
def test_every_value_that_is_let_in_can_be_spoken(sign: str) -> None:
    def known(value: Value) -> Decimal:
        assert isinstance(value, Decimal)
        return value

    checked_money(known(read_value("money", f"{sign}9999999999.99")))
    checked_number(known(read_value("number", f"{sign}999999999999.999999")))
    checked_digits(str(read_value("digits", "9" * 40)))
    for day in ("1900-01-01", "2100-12-31"):
        checked_date(date.fromisoformat(str(read_value("date", day))))
