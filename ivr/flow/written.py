"""A prompt as it is read with the eyes: figures in place of spoken numbers.

What nobody writes in figures (weekdays, lengths of time, what is counted) stays in the words it
is spoken in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from ivr.flow.prompts import Catalogue, Placeholder
from ivr.lang import BREATH, Value, parse, say

CHINESE_UNITS = {"CNY": "元", "HKD": "港元", "USD": "美元"}


def written(catalogue: Catalogue, prompt: str, language: str, values: Mapping[str, Value]) -> str:
    """Return the text of a prompt with its values as they are written; raises as `places` does."""
    return "".join(
        _value(part, values[part.name], language) if isinstance(part, Placeholder) else part
        for part in catalogue.texts[prompt][language].parts
    )


def _value(placeholder: Placeholder, value: Value, language: str) -> str:
    given = parse(placeholder.kind, value) if isinstance(value, str) else value
    if placeholder.kind == "money":
        return _money(given, language, placeholder.argument or "CNY")
    if placeholder.kind in _FIGURES:
        return _FIGURES[placeholder.kind](given)
    spoken = say(placeholder.kind, given, language, placeholder.argument)
    space = " " if language == "en" else ""
    return space.join(phrase for phrase in spoken if phrase != BREATH)


def _money(amount: Any, language: str, currency: str) -> str:
    if language == "en":
        return f"{currency} {amount:.2f}"
    return f"{amount:.2f}{CHINESE_UNITS[currency]}"


def _number(number: Any) -> str:
    return f"{Decimal(number):f}"


_FIGURES: Mapping[str, Callable[[Any], str]] = {
    "number": _number,
    "percent": lambda number: f"{_number(number)}%",
    "date": lambda day: f"{day:%Y-%m-%d}",
    "period": lambda period: f"{period.first:%Y-%m-%d} – {period.last:%Y-%m-%d}",
    "time": lambda moment: f"{moment:%H:%M}",
    "data": lambda size: f"{_number(size.amount)}{size.unit}",
    "digits": str,
    "phone": str,
    "tail": str,
    "plan": str,
}
