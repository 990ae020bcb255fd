"""What the Chinese languages share: every kind of value, built on their numerals."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.lang.chinese_calendar import ChineseCalendar
from ivr.lang.chinese_money import ChineseMoney
from ivr.lang.chinese_numbers import ChineseNumbers
from ivr.lang.codes import Codes
from ivr.lang.language import Language
from ivr.lang.limits import CURRENCIES


def chinese(
    code: str,
    name: str,
    *,
    numbers: ChineseNumbers,
    money: ChineseMoney,
    calendar: ChineseCalendar,
    codes: Codes,
    classifiers: Sequence[str],
) -> Language:
    """Return a Chinese language; counts with its `classifiers` are in its vocabulary."""
    sayings = numbers.sayings() | money.sayings() | calendar.sayings() | codes.sayings()
    shipped = {"money": CURRENCIES, "count": classifiers}
    return Language(code, name, space="", breath=" ", sayings=sayings, shipped=shipped)
