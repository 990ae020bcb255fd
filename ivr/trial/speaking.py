"""The course of something said: how long it takes, and what is being said at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ivr.flow import duration
from ivr.flow.effects import Play
from ivr.flow.speech import Clip, Pause
from ivr.lang import LANGUAGES
from ivr.trial.acts import HANG_UP, SILENCE, Act

# A key "at its last words" comes so many seconds before they are over: it still cuts them.
BEFORE_THE_END = 0.05


class Course:
    """The words of a `Play` from where it begins, with the moment each of them is begun."""

    def __init__(self, play: Play) -> None:
        self._begin = play.begin
        # For each word: seconds before it, the item it belongs to, its number there, the text.
        self._words: list[tuple[float, int, int, str]] = []
        self.seconds = 0.0
        self._spoken = 0.0
        for index, item in enumerate(play.utterance[play.begin :], start=play.begin):
            for number, (word, seconds) in enumerate(_words(item)):
                # A mark takes no time; it belongs to the word before it.
                begun = self.seconds if seconds or not number else self._words[-1][0]
                self._words.append((begun, index, number, word))
                self.seconds += seconds * 100 / play.speed
            if isinstance(item, Clip):
                self._spoken = self.seconds

    def at(self, moment: float) -> tuple[int, int]:
        """Return the item being said after so many seconds, and the word of it."""
        said = [(item, word) for begun, item, word, _ in self._words if begun < moment]
        return said[-1] if said else (self._begin, 0)

    def moment(self, act: Act, takes: frozenset[str]) -> float | None:
        """Return the second at which an act that no clock times comes; None if not in this."""
        if act.during:
            return self._during(act.during)
        if act.does == HANG_UP or (act.does != SILENCE and act.does[0] in takes):
            return max(0.0, self._spoken - BEFORE_THE_END)
        return None

    def _during(self, words: str) -> float | None:
        wanted, said = squeezed(words), ""
        for begun, _, _, word in self._words:
            said += squeezed(word)
            if wanted in said:
                return begun + 0.01
        return None


def squeezed(text: str) -> str:
    """Return a text as it is compared: without spaces, and whatever the case."""
    return "".join(text.split()).casefold()


def _words(item: Clip | Pause) -> Iterator[tuple[str, float]]:
    """Return what is said one after the other, with its seconds at 100%."""
    if isinstance(item, Pause):
        yield item.mark, item.seconds
        return
    words = item.text.split() if LANGUAGES[item.language].space else item.text
    yield from ((word, duration.seconds(replace(item, text=word))) for word in words)
