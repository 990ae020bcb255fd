import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.loudness import PEAK, TARGET, Samples, levelled, loudness, peak
from tests.speech.sound import tone


def noise(seconds: float, rate: int, seed: int = 1) -> Samples:
    return np.random.default_rng(seed).normal(0, 0.05, round(seconds * rate)).astype(np.float32)


def test_the_loudness_is_that_of_the_standard() -> None:
    # EBU Tech 3341: a stereo tone of 1 kHz at -23 dBFS has -23 LUFS; one channel alone 3 LU less.
    heard = tone(997, 2, 48_000, -20).astype(np.float32)
    assert loudness(heard, 48_000) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("seconds", [0.0001, 0.05, 0.3, 0.39999, 0.4, 1.7])
@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000])
def test_what_is_shorter_than_a_block_is_measured_too(seconds: float, rate: int) -> None:
    sound = noise(60, rate)[: max(1, round(seconds * rate))]
    assert -60 < loudness(sound, rate) < 0


def test_silence_has_no_loudness_no_peak_and_stays_silence() -> None:
    silence = np.zeros(8000, np.float32)
    assert loudness(silence, 8000) == peak(silence) == -math.inf
    assert not levelled(silence, 8000).any()
    assert loudness(silence[:0], 8000) == peak(silence[:0]) == -math.inf


@given(
    seconds=st.floats(0.1, 2),
    gain=st.floats(-45, 30),
    burst=st.floats(1, 30),
    rate=st.sampled_from([8_000, 16_000, 24_000]),
)
def test_soft_loud_and_peaky_sounds_have_the_level_and_the_peak_of_the_house(
    seconds: float, gain: float, burst: float, rate: int
) -> None:
    sound = noise(seconds, rate)
    sound[len(sound) // 3 :: rate // 5] *= burst
    heard = levelled(sound * np.float32(10 ** (gain / 20)), rate)
    assert len(heard) == len(sound)
    assert loudness(heard, rate) == pytest.approx(TARGET, abs=0.2)
    assert peak(heard) < PEAK


def test_a_limited_peak_leaves_what_is_farther_away_as_it_was() -> None:
    sound = noise(2, 8000)
    spiked = sound.copy()
    spiked[8000] = 1.0
    gain = levelled(spiked, 8000) / spiked
    # Beyond 10 ms the gain is one and the same, and near the peak it has no step.
    far = np.r_[gain[: 8000 - 81], gain[8000 + 81 :]]
    assert np.ptp(far) < 1e-3 * far.mean()
    assert np.abs(np.diff(gain[7900:8100])).max() < 0.1 * far.mean()
    assert gain[8000] < 0.95 * far.mean()


def test_a_band_without_speech_is_not_brought_up() -> None:
    faint = noise(1, 8000) * np.float32(1e-4)
    assert peak(levelled(faint, 8000, most=12)) < peak(faint) + 12.1
