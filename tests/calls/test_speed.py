"""Her own speed, measured on what she heard: how long, how high, and what a key changes."""

import asyncio
import itertools
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr.flow.speech import Clip
from tests import ears
from tests.calls.conftest import Dial
from tests.calls.hotline import Hotline, until
from tests.calls.listening import hears_all, utterance

KEYS = {"cmn": "1", "en": "3"}
VALUES = {"amount": "88.00", "until": "2027-03-03"}
LONG = {"amount": "123.45", "until": "2026-12-31"}

# In this order: the slowest first, then one key on for each.
SPEEDS = (60, 75, 90, 100, 120, 150)

# What becomes of the usual speed.
CHANGES = {"*": 90, "#": 120}

# A phone's key lasts so long; its end is what the caller feels as "pressed".
KEY_SECONDS = 0.1


def told(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what was heard of the balance, part by part."""
    return [heard for heard in record["heard"] if heard["prompt"] == "your_balance"]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("language", KEYS)
async def test_each_speed_lasts_as_long_as_asked_for_in_the_same_voice(
    hotline: Hotline, dial: Dial, language: str
) -> None:
    async def hears_it(steps: int) -> tuple[dict[str, Any], Path]:
        """Let a caller choose a speed, so many steps from the slowest, and her balance."""
        async with dial(await hotline.customer(VALUES["amount"], VALUES["until"])) as caller:
            await caller.press(f"{KEYS[language]}***{'#' * steps}1")
            record = await until(partial(caller.has_heard, "your_balance", 1), 40)
        return record, caller.wav

    heard = await asyncio.gather(*map(hears_it, range(len(SPEEDS))))
    spoken = utterance("your_balance", language, VALUES)
    began, pitches = {}, {}
    for speed, (record, wav) in zip(SPEEDS, heard, strict=True):
        (part,) = told(record)
        assert part["speed"] == f"{speed}%"
        begin, end = part["from"] / 1000, part["to"] / 1000 + 0.5
        began[speed] = np.array(hears_all(spoken, speed, wav, begin, end))
        pitches[speed] = ears.pitch(wav, began[speed][0], began[speed][-1])
    # From clip to clip, the median: where one frame of 20 ms slips, only one of them is wrong.
    usual = np.diff(began[100])
    lengths = {speed: float(np.median(np.diff(at) / usual)) for speed, at in began.items()}
    assert lengths == pytest.approx({speed: 100 / speed for speed in SPEEDS}, rel=0.03)
    heights = {speed: hertz / pitches[100] for speed, hertz in pitches.items()}
    assert heights == pytest.approx(dict.fromkeys(SPEEDS, 1.0), rel=0.03)


async def test_a_key_changes_the_speed_from_the_clip_she_hears(
    hotline: Hotline, dial: Dial
) -> None:
    async def presses(language: str, key: str) -> tuple[dict[str, Any], float, Path]:
        """Let a caller press a key after two seconds of her balance, and hear it to its end."""
        async with dial(await hotline.customer(LONG["amount"], LONG["until"])) as caller:
            await caller.press(f"{KEYS[language]}1")
            came = await caller.comes_to("tell_balance")
            await asyncio.sleep(2.0)  # the caller listens for two seconds before she presses
            pressed = await caller.press(key)
            record = await until(partial(caller.has_heard, "your_balance", 1))
        assert record["path"][: len(came["path"]) - 1] == came["path"][:-1]
        return record, pressed, caller.wav

    both = list(itertools.product(KEYS, CHANGES))
    heard = await asyncio.gather(*(presses(language, key) for language, key in both))
    for (language, key), (record, pressed, wav) in zip(both, heard, strict=True):
        speed, (first, second) = CHANGES[key], told(record)
        assert (first["finished"], first["speed"]) == (False, "100%")
        assert (second["finished"], second["speed"]) == (True, f"{speed}%")
        spoken = utterance("your_balance", language, LONG)
        clips = [index for index, item in enumerate(spoken) if isinstance(item, Clip)]
        again = clips[first["cut_at"]]
        # Up to the key she heard every clip in order, the one being spoken not to its end …
        key_ended = pressed + KEY_SECONDS
        *_, cut = hears_all(spoken[:again], 100, wav, first["from"] / 1000, key_ended)
        assert cut < key_ended
        # … which begins again within 150 ms, and then all that follows, each clip once.
        resumed, *_ = hears_all(spoken[again:], speed, wav, pressed, second["to"] / 1000 + 0.5)
        assert 0 < resumed - pressed < KEY_SECONDS + 0.15
