"""What a spoken language is, and the limits all of them share.

A language turns a value into phrases; a phrase is one clip of sound, synthesised ahead. So every
kind of value also lists its clips, and nothing that is said is outside of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ivr.lang.limits import short

Phrases = tuple[str, ...]

BREATH = ","
"""Stands among phrases where the voice pauses shortly; it is no clip and in no vocabulary."""


def no_argument(argument: str) -> None:
    """Refuse an argument: most kinds take none. Raises ValueError."""
    if argument:
        raise ValueError(f"{short(argument)} is too much: this kind of value takes no argument")


@dataclass(frozen=True)
class Saying:
    """How one language says one kind of value."""

    say: Callable[[Any, str, bool], Phrases]
    """Say a value with an argument, carefully or not. Raises ValueError for one out of range."""
    words: Callable[[str], Set[str]]
    """List every phrase `say` can give with an argument, careful ones too, BREATH left out."""
    check: Callable[[str], object] = no_argument
    """Raise ValueError for an argument that is wrong, lacking or not taken."""


def plain(say: Callable[[Any], Phrases], words: Callable[[], Set[str]]) -> Saying:
    """Return the saying of a kind that takes no argument and has no careful form of its own."""
    return Saying(lambda value, _argument, _careful: say(value), lambda _argument: words())


@dataclass(frozen=True)
class Language:
    """One spoken language: a saying for every kind of value."""

    code: str
    """ISO 639-3, but `en`: the spelling flows use."""
    name: str
    """The language's name in English, for messages."""
    space: str
    """Stands between phrases where they are written as one line."""
    breath: str
    """Stands in that line for a BREATH, instead of the space."""
    sayings: Mapping[str, Saying]
    """By the names of the kinds."""
    shipped: Mapping[str, Sequence[str]]
    """The arguments whose phrases are part of the vocabulary, for the kinds that take one."""

    def join(self, phrases: Phrases) -> str:
        """Write phrases as one line of this language's words."""
        return self.space.join(phrases).replace(f"{self.space}{BREATH}{self.space}", self.breath)

    def vocabulary(self) -> frozenset[str]:
        """Return every phrase of every kind, with the arguments that are shipped."""
        return self._vocabulary

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset().union(
            *(
                saying.words(argument)
                for kind, saying in self.sayings.items()
                for argument in self.shipped.get(kind, ("",))
            )
        )


def glue(phrases: list[str], unit: str, vocabulary: Set[str], space: str = "") -> list[str]:
    """Add a unit in the same breath as the last phrase where there is such a clip, else after it.

    So the vocabulary alone decides which numbers and units are one clip.
    """
    together = f"{phrases[-1]}{space}{unit}"
    return [*phrases[:-1], together] if together in vocabulary else [*phrases, unit]


def lead(word: str, phrases: Sequence[str], vocabulary: Set[str], space: str = "") -> list[str]:
    """Put a word in the same breath as the first phrase where there is such a clip, else before."""
    together = f"{word}{space}{phrases[0]}"
    return [together, *phrases[1:]] if together in vocabulary else [word, *phrases]


def one_by_one(whole: int, decimals: str, digits: Sequence[str], point: str) -> list[str]:
    """Say a number digit by digit, with a breath where a bill has its comma: 1,234.50."""
    phrases = [BREATH if figure == "," else digits[int(figure)] for figure in f"{whole:,}"]
    after = [digits[int(figure)] for figure in decimals]
    return [*phrases, point + after[0], *after[1:]] if after else phrases
