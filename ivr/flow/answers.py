"""Answers as text that a channel variable holds, and back.

    text = written(Heard("1", 2))     # "h1~2~0"
    answer = read(text)

The text has letters, digits and `_*#+/.~=-` only: no switch takes any of them for its own. What is
not made of these is in base64, and deflated where it is long.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from ivr.errors import IvrError
from ivr.flow.announcement import Announcement
from ivr.flow.effects import (
    Booked,
    DialOutcome,
    Heard,
    Impossible,
    Interrupted,
    Offered,
    Queued,
    Recorded,
    Refused,
    Staying,
    Waiting,
)
from ivr.flow.fields import PromptName
from ivr.flow.outlook import Outlook
from ivr.flow.record import SECRET
from ivr.flow.secret import MISREAD
from ivr.flow.services import Failed, Found, Missing, Value
from ivr.flow.speech import Clip, Pause, Place

# What she types that is written nowhere: a digit of a secret, and one of a secret that was wrong.
_HIDDEN = str.maketrans({SECRET: "x", MISREAD: "y"})
_SHOWN = str.maketrans({"x": SECRET, "y": MISREAD})
_PLAIN = re.compile(r"[0-9A-Za-z_*#+/.-]*")
# A text that is deflated may not be larger than anybody would announce.
_LONGEST = 200_000
# Bytes: below, a tenth is all that deflating would save.
_SHORT = 200
# Of zlib's 8 by default, which clears 256 kB each time: 45 us for a text of 120 letters, and 3 so.
_MEMORY = 4
DIALLED = get_args(DialOutcome)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Unreadable(IvrError):
    """This is no text that `written` has made."""


def written(answer: Any) -> str:
    """Return an answer as text. Raises TypeError for what answers no effect."""
    if isinstance(answer, Heard):
        keys = answer.keys.translate(_HIDDEN)
        return "h" + _fields(keys, answer.reached, answer.word)
    if isinstance(answer, str):
        return f"d{answer}" if answer in DIALLED else "k" + _text(answer.translate(_HIDDEN))
    if isinstance(answer, Interrupted):
        return "i" + written(answer.answer)
    for letter, (kind, take, _) in _KINDS.items():
        if type(answer) is kind:
            return letter + _fields(*take(answer))
    raise TypeError(f"{type(answer).__name__} answers no effect")


def read(text: str) -> Any:
    """Return what was written. Raises Unreadable."""
    try:
        return _read(text)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, ArithmeticError) as fault:
        raise Unreadable(f"no answer: {type(fault).__name__}") from None
    except (binascii.Error, zlib.error, RecursionError) as fault:
        raise Unreadable(f"no answer: {type(fault).__name__}") from None


def _read(text: str) -> Any:
    letter, fields = text[0], [_untext(field) for field in text[1:].split("~")]
    if letter == "i":
        return Interrupted(_read(text[1:]))
    if letter == "d":
        return text[1:] if text[1:] in DIALLED else _KINDS[text]
    if letter == "k":
        (keys,) = fields
        return keys.translate(_SHOWN)
    if letter == "h":
        keys, reached, word = fields
        return Heard(keys.translate(_SHOWN), int(reached), int(word))
    _, _, make = _KINDS[letter]
    return make(*fields) if fields != [""] or letter in "xRI" else make()


def number(count: int) -> str:
    """Return a number in few letters."""
    sign, count, text = "-" if count < 0 else "", abs(count), ""
    while count:
        count, digit = divmod(count, 36)
        text = _DIGITS[digit] + text
    return sign + (text or "0")


def packed(content: Any) -> str:
    """Return what JSON can tell, as text. `unpacked` reads it."""
    told = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if len(told) < _SHORT:
        return f"j{_base64(told)}"
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -12, _MEMORY)
    small = squeezed.compress(told) + squeezed.flush()
    return f"z{_base64(small)}" if len(small) < len(told) else f"j{_base64(told)}"


def unpacked(text: str) -> Any:
    """Return what was packed. Raises Unreadable."""
    try:
        told = _bytes(text[1:])
        if text[:1] == "z":
            told = zlib.decompressobj(-15).decompress(told, _LONGEST)
        return json.loads(told)
    except (ValueError, zlib.error, RecursionError) as fault:
        raise Unreadable(f"nothing that was packed: {type(fault).__name__}") from None


def announced(announcements: tuple[Announcement, ...]) -> str:
    """Return announcements as text."""
    return packed([_announcement(one) for one in announcements])


def announcements(text: str) -> tuple[Announcement, ...]:
    """Return what `announced` wrote. Raises Unreadable."""
    try:
        return tuple(_announced(*one) for one in unpacked(text))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as fault:
        raise Unreadable(f"no announcement: {type(fault).__name__}") from None


def _fields(*fields: Any) -> str:
    return "~".join(_text(str(field)) for field in fields)


def _text(field: str) -> str:
    return field if _PLAIN.fullmatch(field) else "=" + _base64(field.encode("utf-8", "replace"))


def _untext(field: str) -> str:
    return _bytes(field[1:]).decode() if field.startswith("=") else field


def _base64(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    if not re.fullmatch(r"[0-9A-Za-z_-]*", text):
        raise ValueError("this is no base64")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _values(found: Found) -> str:
    return packed([(name, *_value(value)) for name, value in found.values.items()])


def _value(value: Value) -> tuple[str, str]:
    if isinstance(value, str):
        return "s", value
    return ("m" if isinstance(value, Decimal) else "d"), str(value)


_VALUES: Mapping[str, Callable[[str], Value]] = {"s": str, "m": Decimal, "d": date.fromisoformat}


def _found(text: str) -> Found:
    return Found({name: _VALUES[kind](value) for name, kind, value in unpacked(text)})


def _announcement(one: Announcement) -> tuple[Any, ...]:
    said = {language: [_place(place) for place in said] for language, said in one.said.items()}
    since, until = one.since.isoformat(), one.until.isoformat()
    return one.name, sorted(one.places), said, since, until


def _place(place: Place) -> tuple[Any, ...]:
    item = place.item
    spoken = (item.text, item.language) if isinstance(item, Clip) else (item.mark, item.seconds)
    return (*spoken, place.sentence, place.part, place.value)


def _announced(
    name: str, places: list[str], said: Mapping[str, list[Any]], since: str, until: str
) -> Announcement:
    words = {language: tuple(_placed(*place) for place in said) for language, said in said.items()}
    return Announcement(
        PromptName(name), {}, frozenset(places), words, _moment(since), _moment(until)
    )


def _placed(text: str, how: str | float, sentence: int, part: int, value: str) -> Place:
    item = Clip(text, how) if isinstance(how, str) else Pause(how, text)
    return Place(item, sentence, part, value)


def _outlook(place: str, wait: str, longer: str) -> Outlook:
    return Outlook(int(place), float(wait) if wait else None, longer == "True")


# By its letter: a type, what it holds, and how it is made of that again. They are a closed set, as
# effects are.
_KINDS: Mapping[str, tuple[type, Callable[[Any], tuple[Any, ...]], Callable[..., Any]]] = {
    "n": (type(None), lambda _: (), lambda: None),
    "b": (bool, lambda taken: (int(taken),), lambda taken: taken == "1"),
    "s": (Staying, lambda _: (), Staying),
    "w": (Waiting, lambda _: (), Waiting),
    "m": (Missing, lambda _: (), Missing),
    "x": (Failed, lambda failed: (failed.reason,), Failed),
    "f": (Found, lambda found: (_values(found),), _found),
    "r": (
        Recorded,
        lambda recorded: (recorded.file, repr(recorded.seconds), int(recorded.silent)),
        lambda file, seconds, silent: Recorded(file, float(seconds), silent == "1"),
    ),
    "q": (
        Queued,
        lambda queued: (
            queued.outcome,
            queued.agent,
            int(queued.left),
            repr(queued.talked),
            queued.passed_by,
        ),
        lambda outcome, agent, left, talked, by: Queued(
            outcome, agent, left == "1", float(talked), by
        ),
    ),
    "o": (
        Outlook,
        lambda outlook: (
            outlook.place,
            "" if outlook.wait is None else repr(outlook.wait),
            outlook.longer,
        ),
        _outlook,
    ),
    "O": (
        Offered,
        lambda offered: (offered.until.isoformat(), offered.number),
        lambda until, number: Offered(_moment(until), number),
    ),
    "B": (
        Booked,
        lambda booked: (booked.until.isoformat(),),
        lambda until: Booked(_moment(until)),
    ),
    "R": (Refused, lambda refused: (refused.reason,), Refused),
    "I": (Impossible, lambda impossible: (impossible.reason,), Impossible),
    "a": (tuple, lambda told: (announced(told),), announcements),
}
