"""Answers as text that a channel variable holds, and back.

    text = written(Heard("1", 2))     # "h1~2~0"
    answer = read(text)

How a text holds whatever it has to is told in `ivr/flow/packing.py`.
"""

from __future__ import annotations

import binascii
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

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
from ivr.flow.packing import Unreadable, joined, packed, parted, plain, unpacked
from ivr.flow.record import SECRET
from ivr.flow.secret import MISREAD
from ivr.flow.services import Failed, Found, Missing, Value
from ivr.flow.speech import Clip, Pause, Place

# What she types that is written nowhere: a digit of a secret, and one of a secret that was wrong.
_HIDDEN = str.maketrans({SECRET: "x", MISREAD: "y"})
_SHOWN = str.maketrans({"x": SECRET, "y": MISREAD})
DIALLED = get_args(DialOutcome)


def written(answer: Any) -> str:
    """Return an answer as text. Raises TypeError for what answers no effect."""
    if isinstance(answer, Heard):
        keys = answer.keys.translate(_HIDDEN)
        return "h" + joined(keys, answer.reached, answer.word)
    if isinstance(answer, str):
        return f"d{answer}" if answer in DIALLED else "k" + plain(answer.translate(_HIDDEN))
    if isinstance(answer, Interrupted):
        return "i" + written(answer.answer)
    for letter, (kind, take, _) in _KINDS.items():
        if type(answer) is kind:
            return letter + joined(*take(answer))
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
    letter, fields = text[0], parted(text[1:])
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


def announced(announcements: tuple[Announcement, ...]) -> str:
    """Return announcements as text."""
    return packed([_announcement(one) for one in announcements])


def announcements(text: str) -> tuple[Announcement, ...]:
    """Return what `announced` wrote. Raises Unreadable."""
    try:
        return tuple(_announced(*one) for one in unpacked(text))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as fault:
        raise Unreadable(f"no announcement: {type(fault).__name__}") from None


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
