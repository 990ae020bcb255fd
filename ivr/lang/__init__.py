"""Values as words: numbers, money, digits, dates, times and lengths in each spoken language.

A language is one file of this folder that has a `LANGUAGE`; nothing else lists it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from ivr.errors import nearest
from ivr.lang.kinds import KINDS, Kind, Value
from ivr.lang.language import BREATH, Language, Phrases, short

__all__ = [
    "BREATH",
    "KINDS",
    "LANGUAGES",
    "Kind",
    "Language",
    "Phrases",
    "Value",
    "parse",
    "read",
    "say",
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


def say(kind: str, value: Value, language: str) -> Phrases:
    """Return the phrases a value is said in.

    Raises ValueError for an unknown kind or language and for a value out of range, TypeError
    for a value of another type (money is a Decimal, never a float).
    """
    if not isinstance(value, _kind(kind).types):
        expected = " or ".join(kind_type.__name__ for kind_type in _kind(kind).types)
        raise TypeError(f"{kind} is said of a {expected}, not of a {type(value).__name__}")
    return _kind(kind).say(_language(language), value)


def read(kind: str, text: str, language: str) -> str:
    """Return the one line of words in which the value written as `text` is spoken."""
    spoken = _language(language)
    return spoken.join(say(kind, parse(kind, text), language))


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
