import math

import numpy as np
import pytest

from ivr.flow.speech import Clip, Pause, Utterance
from ivr.speech.compose import LONGEST_SILENCE, beep, compose, silence
from tests.speech.sound import decoded

BALANCE = Clip("余额", "cmn")
AMOUNT = Clip("十元", "cmn")
DATE = Clip("到明天", "cmn")
SENTENCE: Utterance = (BALANCE, Pause(0.1), AMOUNT, Pause(0.2), Pause(0.05), DATE, Pause(0.5))


def load(clip: Clip, speed: int) -> bytes:
    """Return a thousand samples a character at 100%, each its text's first byte."""
    return clip.text.encode()[-1:] * (len(clip.text) * 1000 * 100 // speed)


def test_items_follow_one_another_without_a_gap() -> None:
    sound = compose(SENTENCE, 100, load)
    assert sound.starts == (0, 2000, 2800, 4800, 6400, 6800, 9800)
    assert sound.audio == b"".join(
        [
            load(BALANCE, 100),
            b"\xd5" * 800,
            load(AMOUNT, 100),
            b"\xd5" * 2000,
            load(DATE, 100),
            b"\xd5" * 4000,
        ]
    )


@pytest.mark.parametrize(("speed", "length"), [(60, 23000), (100, 13800), (150, 9200)])
def test_pauses_are_stretched_like_the_words(speed: int, length: int) -> None:
    sound = compose(SENTENCE, speed, load)
    assert len(sound.audio) == pytest.approx(length, abs=5)


@pytest.mark.parametrize(
    ("sample", "item"),
    [
        (0, 0),
        (1999, 0),
        (2000, 2),  # in a pause: the next clip
        (2799, 2),
        (2800, 2),
        (4799, 2),
        (4800, 5),  # two pauses in a row
        (6500, 5),
        (6800, 5),
        (9799, 5),
        (9800, 7),  # only a pause is left
        (13799, 7),
        (13800, 7),
        (99999, 7),
    ],
)
def test_the_sample_where_playing_stopped_tells_the_clip(sample: int, item: int) -> None:
    assert compose(SENTENCE, 100, load).item_at(sample) == item


def test_a_sound_can_begin_in_the_middle() -> None:
    sound = compose(SENTENCE, 100, load, begin=2)
    assert sound.audio == compose(SENTENCE[2:], 100, load).audio
    assert sound.starts == (0, 0, 0, 2000, 3600, 4000, 7000)
    assert sound.item_at(0) == 2
    assert sound.item_at(1999) == 2
    assert sound.item_at(2000) == 5
    assert sound.item_at(len(sound.audio)) == len(SENTENCE)


def test_changing_the_speed_anywhere_says_every_clip_again_or_later() -> None:
    whole = compose(SENTENCE, 100, load)
    for sample in range(0, len(whole.audio), 97):
        rest = compose(SENTENCE, 60, load, begin=whole.item_at(sample))
        said = {item for item, spoken in enumerate(whole.spoken) if spoken}
        over = {item for item in said if whole.starts[item] + 2000 <= sample}
        left = {item for item in said if rest.item_at(0) <= item}
        assert over | left == said
        assert len(over & left) <= 1


def test_nothing_to_say_is_an_empty_sound() -> None:
    assert compose((), 100, load).audio == b""
    assert compose((), 100, load).item_at(0) == 0
    assert compose(SENTENCE, 100, load, begin=len(SENTENCE)).audio == b""


def test_a_missing_clip_is_the_loaders_to_tell() -> None:
    def gone(clip: Clip, speed: int) -> bytes:
        raise LookupError(f"{clip.text} at {speed}")

    with pytest.raises(LookupError, match="余额 at 75"):
        compose(SENTENCE, 75, gone)


@pytest.mark.parametrize("seconds", [-0.1, LONGEST_SILENCE + 1, math.inf, math.nan])
def test_a_silence_that_would_fill_the_memory_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="not within 0 to 600 s"):
        silence(seconds)


def test_silence_is_silent() -> None:
    assert silence(0.25) == b"\xd5" * 2000


def test_the_beep_is_a_clean_tone_of_one_kilohertz() -> None:
    samples = decoded(beep())
    spectrum = np.abs(np.fft.rfft(samples))
    assert len(samples) == 2000
    assert np.abs(samples).max() == pytest.approx(0.1, rel=0.03)
    assert spectrum.argmax() == 250
    assert spectrum[250] ** 2 > 0.99 * (spectrum**2).sum()
