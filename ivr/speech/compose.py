"""One utterance, one sound: clips and pauses joined without a gap.

In every form (`quiet`) a byte is 1/8000 s, so joining bytes joins sounds, and where Asterisk
stopped is a place in the bytes: it tells the clip, and about the word.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from ivr.flow.speech import Clip, Pause, Utterance
from ivr.speech.quiet import RATE, lead, silence

# How a clip at a speed, in percent, is loaded in a form; it may raise.
Load = Callable[[Clip, int, str], bytes]

# Seconds at either end of a clip at 100% that are none of its words: the recipe leaves so much.
HEAD, TAIL = 0.020, 0.030


class Spot(NamedTuple):
    """A place in an utterance: an item by its index, and a word of it (see `words`)."""

    item: int
    word: int = 0


@dataclass(frozen=True)
class Timing:
    """When each item of an utterance is spoken: `starts[i]` is the byte at which item i begins.

    Items before the one the sound begins with start at 0; `length` is the whole sound's.
    """

    utterance: Utterance
    speed: int
    starts: tuple[int, ...]
    length: int

    def at(self, sample: int) -> Spot:
        """Return what to go on with when playing stopped at `sample`.

        That is the clip being spoken, or in a pause the next clip; the number of items when
        nothing is left to be said. The clip is certain, the word in it an estimate: every voice
        hurries here and lingers there, and `words` knows nothing of that.
        """
        items = len(self.starts)
        if sample >= self.length:
            return Spot(items)
        item = max(0, bisect_right(self.starts, sample) - 1)
        for ahead in range(item, items):
            if isinstance(clip := self.utterance[ahead], Clip):
                return Spot(ahead, self._word(clip, ahead, sample))
        return Spot(items)

    def _word(self, clip: Clip, item: int, sample: int) -> int:
        ends = list(accumulate(weight for _, weight in words(clip)))
        if not ends or not ends[-1]:
            return 0
        head, tail = (round(part * RATE * 100 / self.speed) for part in (HEAD, TAIL))
        begin, end = self.starts[item], (*self.starts, self.length)[item + 1]
        share = (sample - begin - head) / max(1, end - begin - head - tail)
        # Never beyond the last that is spoken: the tail belongs to it, as the head to the first.
        return bisect_right(ends, min(max(0.0, share), 1.0) * ends[-1], hi=ends.index(ends[-1]))


@dataclass(frozen=True)
class Sound:
    """A composed utterance: its bytes, and what is where in them."""

    audio: bytes
    timing: Timing


def compose(
    utterance: Utterance, speed: int, load: Load, begin: int = 0, form: str = "alaw"
) -> Sound:
    """Return the utterance from item `begin` on, at `speed` percent, as one sound in a form.

    Raises what `load` raises, and ValueError for a pause that is negative or longer than
    `quiet.LONGEST_SILENCE` seconds.
    """
    parts: list[bytes] = []
    starts: list[int] = []
    length = 0
    for index, item in enumerate(utterance):
        starts.append(length)
        if index < begin:
            continue
        if isinstance(item, Clip):
            part = load(item, speed, form)
        else:
            part = silence(_stretched(item, speed), form)
        if index == begin:
            part = lead(form) + part
        parts.append(part)
        length += len(part)
    return Sound(b"".join(parts), Timing(utterance, speed, tuple(starts), length))


@lru_cache(4096)  # asked for at every key that cuts a sentence short
def words(clip: Clip) -> tuple[tuple[str, int], ...]:
    """Return the words of a clip, each with its share of the time.

    In English a word lasts by its letters; Chinese is counted by characters, each a syllable,
    and its punctuation lasts no time.
    """
    spelt = clip.text.split() if clip.language == "en" else clip.text
    return tuple((word, sum(map(str.isalnum, word))) for word in spelt)


def _stretched(pause: Pause, speed: int) -> float:
    return pause.seconds * 100 / speed
