"""What a caller hears, compared with what was to be played."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ivr.flow.speech import Clip, Utterance
from tests import ears
from tests.calls.hotline import clips
from tests.speech.sound import decoded
from tests.stage import shipped

# A clip and its copy of which a phone's jitter buffer dropped or doubled a frame of 20 ms, or two,
# are alike by 0.66 and more; other clips of the same voice by 0.6 at most.
ALIKE = 0.65

# Samples by which what is behind such a slip may lie elsewhere.
LONGEST_SLIP = 480

# Seconds by which a clip may lie apart from the one before it: frames that slipped (0.14 was seen
# with six calls on two busy cores), yet less than the shortest clip at the highest speed.
SLIP = 0.2


# Read once: there are thousands of takes, and nobody changes them while calls are placed.
_clips = functools.cache(clips)


def words(prompt: str, language: str, values: Mapping[str, str]) -> list[Clip]:
    """Return the clips of a shipped prompt, in the order in which they are heard."""
    return [item for item in utterance(prompt, language, values) if isinstance(item, Clip)]


def utterance(prompt: str, language: str, values: Mapping[str, str]) -> Utterance:
    """Return a shipped prompt with these values."""
    return shipped().catalogue.utterance(prompt, language, values)


def sound(clip: Clip, speed: int = 100) -> ears.Samples:
    """Return a clip as it is played."""
    return decoded(_clips().load(clip, speed))


def hears(
    samples: ears.Samples, wav: Path, start: float = 0, end: float | None = None
) -> ears.Found:
    """Return where a sound lies in what was heard, with at most one slip in it.

    On a busy machine the phone's jitter buffer drops or doubles a frame now and then. Behind that
    slip a copy no longer lies on the original, but all of the sound must be there: its two parts
    count by their energy.
    """
    heard = ears.listen(wav)
    long = np.concatenate([heard.cut(start, end), np.zeros(LONGEST_SLIP)])
    scores = [ears.likeness(samples, long)]
    for cut in (samples.size * quarter // 4 for quarter in (1, 2, 3)):
        first, second = samples[:cut], samples[cut:]
        behind = np.pad(ears.likeness(second, long), LONGEST_SLIP, constant_values=-1)
        best = sliding_window_view(behind, 2 * LONGEST_SLIP + 1).max(axis=1)[cut:]
        share = float(first @ first) / float(samples @ samples)
        ahead = ears.likeness(first, long)[: best.size]
        scores.append(share * ahead + (1 - share) * best)
    place, score = max(
        ((int(each.argmax()), float(each.max())) for each in scores), key=lambda each: each[1]
    )
    return ears.Found(start + place / heard.rate, score)


def hears_all(spoken: Utterance, speed: int, wav: Path, start: float, end: float) -> list[float]:
    """Return when each clip of what was spoken began in her ear; then when the last one ended.

    Every clip must be there, in order, at its speed, each where the one before it ended: so no
    word is lost, and there is no room for one that is said twice.
    """
    began: list[float] = []
    due = start
    for item in spoken:
        if not isinstance(item, Clip):
            due += item.seconds * 100 / speed
            continue
        samples = sound(item, speed)
        found = hears(samples, wav, max(0, due - 0.5), min(end, due + samples.size / 8000 + 0.5))
        assert found.score > ALIKE, f"{item} is not heard at {due:.2f} s: {found}"
        if began:
            assert abs(found.at - due) < SLIP, f"{item} is heard at {found.at}, not at {due}"
        began.append(found.at)
        due = found.at + samples.size / 8000
    return [*began, due]
