"""What is said, not how it sounds.

A flow says prompts; a prompt in a language is an `Utterance`: clips of words, each said in one
breath, and the pauses between them. The utterance is what the worlds share: the line turns it
into one sound, the terminal prints it, a test reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Clip:
    """Words said in one breath: the smallest thing that is synthesised, stretched and resumed."""

    text: str
    language: str


@dataclass(frozen=True)
class Pause:
    """A silence, in seconds at the speed 100%; `mark` is the punctuation it stands for."""

    seconds: float
    mark: str = ""


Utterance = tuple[Clip | Pause, ...]


@dataclass(frozen=True)
class Place:
    """An item of an utterance, and where in its prompt it stands.

    `sentence` counts the sentences that end before it, `part` the runs of words and the values
    of the text before it; `value` is the name of the value it speaks, "" for words of the text.
    """

    item: Clip | Pause
    sentence: int
    part: int
    value: str = ""


def clip_count(utterance: Utterance) -> int:
    """Return how many clips there are in an utterance."""
    return sum(isinstance(item, Clip) for item in utterance)


def up_to(utterance: Utterance, word: int) -> Utterance:
    """Return the utterance, its last clip cut behind a word of it; word 0 leaves it whole."""
    if not word or not isinstance(last := utterance[-1], Clip):
        return utterance
    space = " " if last.language == "en" else ""
    words = last.text.split() if space else last.text
    return (*utterance[:-1], replace(last, text=space.join(words[: word + 1])))


def with_longer_pauses(places: tuple[Place, ...], times: float) -> tuple[Place, ...]:
    """Return the places, each pause so many times as long."""
    return tuple(
        replace(place, item=replace(place.item, seconds=place.item.seconds * times))
        if isinstance(place.item, Pause)
        else place
        for place in places
    )
