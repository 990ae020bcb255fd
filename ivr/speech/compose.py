"""One utterance, one sound: clips and pauses joined without a gap.

Sounds here are A-law at 8 kHz, headerless: one byte is one sample, so joining bytes joins
sounds, and the sample at which Asterisk stopped is a place in the bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from ivr.flow.speech import Clip, Pause, Utterance

RATE = 8000

# In seconds. Nobody waits longer for a key; what is longer is a mistake that would fill the memory.
LONGEST_SILENCE = 600

_SILENCE = b"\xd5"

# One turn of a 1 kHz tone, eight samples at 8 kHz, peaking at -20 dBFS: A-law of
# round(3277 sin(n 45°)).
_BEEP_TURN = bytes.fromhex("d5979c97d5171c17")


@dataclass(frozen=True)
class Sound:
    """A composed utterance: its A-law bytes, and where each item of the utterance is in them.

    `starts[i]` is the sample at which item i begins; items before the one the sound begins with
    start at 0. `spoken[i]` tells a clip from a pause.
    """

    audio: bytes
    starts: tuple[int, ...]
    spoken: tuple[bool, ...]

    def item_at(self, sample: int) -> int:
        """Return the item to go on with when playing stopped at `sample`.

        That is the clip being spoken, or in a pause the next clip; the number of items when
        nothing is left to be said.
        """
        items = len(self.starts)
        if sample >= len(self.audio):
            return items
        item = max(0, bisect_right(self.starts, sample) - 1)
        while item < items and not self.spoken[item]:
            item += 1
        return item


def compose(
    utterance: Utterance, speed: int, load: Callable[[Clip, int], bytes], begin: int = 0
) -> Sound:
    """Return the utterance from item `begin` on, at `speed` percent, as one sound.

    `load` gives a clip at a speed and may raise, as `Clips.load` does. Raises ValueError for a
    pause that is negative or longer than `LONGEST_SILENCE` seconds.
    """
    parts: list[bytes] = []
    starts: list[int] = []
    length = 0
    for index, item in enumerate(utterance):
        starts.append(length)
        if index < begin:
            continue
        part = load(item, speed) if isinstance(item, Clip) else silence(_stretched(item, speed))
        parts.append(part)
        length += len(part)
    return Sound(
        b"".join(parts), tuple(starts), tuple(isinstance(item, Clip) for item in utterance)
    )


def silence(seconds: float) -> bytes:
    """Return so much silence. Raises ValueError outside 0 to `LONGEST_SILENCE` seconds."""
    if not 0 <= seconds <= LONGEST_SILENCE:
        raise ValueError(f"a silence of {seconds} s is not within 0 to {LONGEST_SILENCE} s")
    return _SILENCE * round(seconds * RATE)


def beep() -> bytes:
    """Return the tone after which a caller speaks: 1 kHz, a quarter of a second."""
    return _BEEP_TURN * (RATE // 4 // len(_BEEP_TURN))


def _stretched(pause: Pause, speed: int) -> float:
    return pause.seconds * 100 / speed
