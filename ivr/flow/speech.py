"""What is said, not how it sounds.

A flow says prompts; a prompt in a language is an `Utterance`: clips of words, each said in one
breath, and the pauses between them. The utterance is what the worlds share: the line turns it
into one sound, the terminal prints it, a test reads it.
"""

from __future__ import annotations

from dataclasses import dataclass


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
