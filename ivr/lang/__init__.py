"""Values as words: numbers, money, digits, dates, times and lengths in each spoken language.

Some kinds take an argument: the currency of money, what a count counts. `docs/speaking-values.md`
has the rules and the reasons.

A language is one file of this folder that has a `LANGUAGE`; nothing else lists it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from ivr.errors import nearest
from ivr.lang.kinds import KINDS, Kind, Value
from ivr.lang.language import BREATH, Language, Phrases
from ivr.lang.limits import Period, Size, short

__all__ = [
    "BREATH",
    "KINDS",
    "LANGUAGES",
    "Kind",
    "Language",
    "Period",
    "Phrases",
    "Size",
    "Value",
    "check_argument",
    "parse",
    "read",
    "say",
    "vocabulary",
]


def _languages() -> dict[str, Language]:
    modules = (
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    )
    found: list[Language] = [m.LANGUAGE for m in modules if hasattr(m, "LANGUAGE")]
    return {language.code: language for language in found}


LANGUAGES: Mapping[str, Language] = _languages()


def parse(kind: str, text: str) -> Value:
    """Read a value from its text, or raise ValueError telling what is expected."""
    value: Value = _kind(kind).parse(text)
    return value


def say(
    kind: str, value: Value, language: str, argument: str = "", careful: bool = False
) -> Phrases:
    """Return the phrases a value is said in; `careful` says numbers and amounts digit by digit.

    Raises ValueError for an unknown kind or language, for a value out of range and for an argument
    that `check_argument` refuses, TypeError for a value of another type (money is a Decimal,
    never a float).
    """
    if not isinstance(value, _kind(kind).types):
        expected = " or ".join(kind_type.__name__ for kind_type in _kind(kind).types)
        raise TypeError(f"{kind} is said of a {expected}, not of a {type(value).__name__}")
    check_argument(kind, argument, language)
    return _language(language).sayings[kind].say(value, argument, careful)


def read(kind: str, text: str, language: str, argument: str = "") -> str:
    """Return the one line of words in which the value written as `text` is spoken."""
    spoken = _language(language)
    return spoken.join(say(kind, parse(kind, text), language, argument))


def check_argument(kind: str, argument: str, language: str) -> None:
    """Raise ValueError for an argument that is wrong, lacking or not taken by a kind."""
    _kind(kind)
    _language(language).sayings[kind].check(argument)


def vocabulary(language: str, kind: str, argument: str = "") -> frozenset[str]:
    """Return every phrase that `say` can give for a kind with an argument, BREATH left out.

    Raises ValueError as `check_argument` does.
    """
    check_argument(kind, argument, language)
    return frozenset(_language(language).sayings[kind].words(argument))


def _kind(name: str) -> Kind[Any]:
    if name not in KINDS:
        known = f"; the kinds are {', '.join(KINDS)}"
        raise ValueError(f"there is no kind {short(name)}{nearest(name, KINDS) or known}")
    return KINDS[name]


def _language(code: str) -> Language:
    if code not in LANGUAGES:
        known = f"; the languages are {', '.join(LANGUAGES)}"
        raise ValueError(f"there is no language {short(code)}{nearest(code, LANGUAGES) or known}")
    return LANGUAGES[code]
