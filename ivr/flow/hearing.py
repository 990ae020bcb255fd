"""How far an utterance was heard: its words up to a place, and the place she had reached."""

from __future__ import annotations

from dataclasses import replace

from ivr.flow.duration import seconds
from ivr.flow.speech import Clip, Utterance, text_of


def words_of(clip: Clip) -> list[str]:
    """Return the words of a clip; in Chinese each character is one."""
    return clip.text.split() if clip.language == "en" else list(clip.text)


def heard_text(utterance: Utterance, begin: int, reached: int, word: int = 0) -> str:
    """Return the words heard of an utterance from item `begin` to the item reached.

    That item counts as heard up to `word`, whole where the word is 0.
    """
    heard = utterance[begin : reached + 1]
    if word and reached < len(utterance) and isinstance(last := heard[-1], Clip):
        space = " " if last.language == "en" else ""
        heard = (*heard[:-1], replace(last, text=space.join(words_of(last)[: word + 1])))
    return text_of(heard)


def clips_before(utterance: Utterance, reached: int) -> int:
    """Return how many clips stand before an item: the index of the clip that it is."""
    return sum(isinstance(item, Clip) for item in utterance[:reached])


def reached_after(utterance: Utterance, speed: int, begin: int, lasted: float) -> tuple[int, int]:
    """Return the item and the word spoken so many seconds after it began, as far as one can tell.

    The item is `len(utterance)` when all was said by then.
    """
    left = lasted * speed / 100
    for index in range(begin, len(utterance)):
        item = utterance[index]
        length = seconds(item)
        if left < length:
            spoken = words_of(item) if isinstance(item, Clip) else []
            count = sum(any(map(str.isalnum, word)) for word in spoken)
            return index, min(int(left / length * count), max(0, count - 1))
        left -= length
    return len(utterance), 0
