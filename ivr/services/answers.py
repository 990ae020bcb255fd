"""How an answer is read: bytes of a back end in, values of the declared kinds out.

A back end is believed only as far as its answer is exactly what services.yaml says. Whatever
else it sends is `Failed`, with a reason that names the field and never quotes the value: the
reason is logged, and values are what callers trust us with.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn, get_args

from ivr.flow.fields import LANGUAGE_NAMES
from ivr.flow.services import Failed, Found, Kind, Value, Written
from ivr.flow.source import Wrong
from ivr.lang import parse
from ivr.lang.limits import FIRST_DAY, LAST_DAY

LONGEST_TEXT = 500

_FIGURES = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,20})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile(r"[0-9]{1,40}")
# Control characters, half a character (a lone surrogate cannot be written as UTF-8), and the
# two separators that split a line of a log in two.
_REFUSED = {"Cc", "Cs", "Zl", "Zp"}


def read_object(body: bytes) -> dict[str, Any] | Failed:
    """Read a JSON object, its figures to the last digit."""
    try:
        answer = json.loads(
            body.decode("utf-8-sig"),
            # No float is ever made of money; and int() is quadratic where Decimal() is not.
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError:
        return Failed("the answer is not UTF-8")
    # Decimal refuses an exponent of twenty digits with an ArithmeticError; 100,000 brackets
    # are a RecursionError.
    except (ValueError, ArithmeticError, RecursionError):
        return Failed("the answer is not JSON")
    return answer if isinstance(answer, dict) else Failed("the answer is not a JSON object")


def read_answer(answer: Mapping[str, Any], gives: Mapping[str, Kind]) -> Found | Failed:
    """Read every field of `gives` as its kind; others are ignored."""
    values: dict[str, Value] = {}
    for name, kind in gives.items():
        if name not in answer:
            return Failed(f"the answer has no '{name}'")
        try:
            values[name] = read_value(kind, answer[name])
        except Wrong as fault:
            return Failed(f"'{name}' in the answer is not {kind}: {fault}")
    return Found(values)


def read_value(kind: Kind, given: object) -> Value:
    """Return what a back end gave as a value of its kind.

    Figures may be an int, a Decimal, or a text of digits such as "-12.50"; everything else is a
    text. Raises `Wrong`, which never quotes the value.
    """
    return _READERS[kind](given)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _figures(given: object, limit: int, places: int) -> Decimal:
    """Return the exact value with `places` decimals; it must be smaller than `limit`."""
    if isinstance(given, str) and _FIGURES.fullmatch(given):
        given = Decimal(given)
    if isinstance(given, int) and not isinstance(given, bool):
        given = Decimal(given)
    if not isinstance(given, Decimal) or not given.is_finite():
        raise Wrong("figures are expected")
    # Compared before anything is computed: a comparison is exact and cheap for any exponent.
    if not -limit < given < limit:
        raise Wrong("it is too large")
    exact = given.quantize(Decimal(1).scaleb(-places))
    if exact != given:
        raise Wrong(f"it has more than {places} decimals")
    return exact + 0  # makes 0.00 of -0.00, which is no amount owed


def _money(given: object) -> Decimal:
    return _figures(given, 10**10, 2)


def _number(given: object) -> Decimal:
    exact = _figures(given, 10**12, 6)
    # 1.50 keeps its zero, for it is read out; 1.5E+3 becomes 1500.
    exponent = Decimal(str(given)).as_tuple().exponent
    written = min(6, max(0, -exponent)) if isinstance(exponent, int) else 0
    return exact.quantize(Decimal(1).scaleb(-written))


def _date(given: object) -> date:
    if not isinstance(given, str) or not _DATE.fullmatch(given):
        raise Wrong("a date such as 2026-12-31 is expected")
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise Wrong("there is no such day") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Wrong(f"only days from {FIRST_DAY} to {LAST_DAY} can be spoken")
    return day


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise Wrong("a text is expected")
    if len(given) > LONGEST_TEXT:
        raise Wrong(f"it is longer than {LONGEST_TEXT} characters")
    if any(unicodedata.category(char) in _REFUSED for char in given):
        raise Wrong("it holds control characters")
    return given


def _digits(given: object) -> str:
    if not isinstance(given, str) or not _DIGITS.fullmatch(given):
        raise Wrong("a text of 1 to 40 digits is expected")
    return given


def _language(given: object) -> str:
    if not isinstance(given, str) or given not in LANGUAGE_NAMES:
        raise Wrong(f"one of {', '.join(LANGUAGE_NAMES)} is expected")
    return given


def _written(kind: Written) -> Callable[[object], str]:
    def reader(given: object) -> str:
        text = _text(given)
        try:
            parse(kind, text)
        except ValueError:
            raise Wrong("a text that can be said is expected (docs/speaking-values.md)") from None
        return text

    return reader


_READERS: dict[Kind, Callable[[Any], Value]] = {
    "money": _money,
    "number": _number,
    "date": _date,
    "text": _text,
    "digits": _digits,
    "language": _language,
    **{kind: _written(kind) for kind in get_args(Written)},
}
