"""Prompts as they are read with the eyes."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from ivr.flow.prompt_files import load
from ivr.flow.written import written
from ivr.lang import Value
from ivr.lang.limits import Period, Size


@pytest.mark.parametrize(
    ("kind", "value", "cmn", "en"),
    [
        ("money", Decimal("123.45"), "123.45元", "CNY 123.45"),
        ("money HKD", Decimal("-12.3"), "-12.30港元", "HKD -12.30"),
        ("number", Decimal("1010.50"), "1010.50", "1010.50"),
        ("percent", Decimal("12.5"), "12.5%", "12.5%"),
        ("date", date(2026, 12, 31), "2026-12-31", "2026-12-31"),
        ("date", "2026-12-31", "2026-12-31", "2026-12-31"),
        ("time", time(15, 5), "15:05", "15:05"),
        (
            "period",
            Period(date(2026, 11, 1), date(2026, 11, 30)),
            "2026-11-01 – 2026-11-30",
            "2026-11-01 – 2026-11-30",
        ),
        ("data", Size(Decimal("1.5"), "GB"), "1.5GB", "1.5GB"),
        ("phone", "13800138000", "13800138000", "13800138000"),
        ("tail", "123X", "123X", "123X"),
        ("plan", "5G-A128", "5G-A128", "5G-A128"),
        ("weekday", date(2026, 11, 22), "星期日", "Sunday"),
        ("duration", timedelta(minutes=150), "两小时三十分钟", "two hours and thirty minutes"),
    ],
)
def test_a_value_is_written_as_people_write_it(kind: str, value: Value, cmn: str, en: str) -> None:
    texts = f"p: {{cmn: '是{{x:{kind}}}。', en: 'It is {{x:{kind}}}.'}}"
    catalogue, problems = load({"p.yaml": texts})
    assert not problems
    assert written(catalogue, "p", "cmn", {"x": value}) == f"是{cmn}。"
    assert written(catalogue, "p", "en", {"x": value}) == f"It is {en}."
