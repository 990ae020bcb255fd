"""Silence and the beep in every form, and pieces of G.722 that can be joined."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.speech import wideband
from ivr.speech.quiet import LONGEST_SILENCE, RATE, beep, lead, silence
from tests.speech.forms import heard

FORMS = ["alaw", "ulaw", "g722"]


def word(hertz: float, seconds: float = 0.4) -> NDArray[np.int16]:
    """Return a vowel of a sort: many overtones, up and down, with the silence a clip has."""
    time = np.arange(round(seconds * wideband.RATE)) / wideband.RATE
    voice = sum(np.sin(2 * np.pi * hertz * n * time + n * n) / n for n in range(1, 20))
    shape = np.sin(np.pi * time / seconds) ** 0.5
    head, tail = np.zeros(320), np.zeros(800)
    return np.concatenate([head, 5000 * shape * voice, tail]).astype(np.int16)


def noise(said: NDArray[np.int16], audio: NDArray[np.float64]) -> float:
    """Return by how many dB what was said is above what was added to it."""
    best = 1e-9
    for delay in range(40):  # of the filters, 22 samples
        piece = audio[delay : delay + len(said)] * 32768
        error = piece - said[: len(piece)]
        best = max(best, float((said.astype(float) ** 2).sum() / (error**2).sum()))
    return 10 * math.log10(best)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seconds", [-0.1, LONGEST_SILENCE + 1, math.inf, math.nan])
def test_a_silence_that_would_fill_the_memory_is_refused(seconds: float, form: str) -> None:
    with pytest.raises(ValueError, match="not within 0 to 600 s"):
        silence(seconds, form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seconds", [0.25, 3.5])
def test_silence_is_silent_and_as_long_as_asked(seconds: float, form: str) -> None:
    quiet = silence(seconds, form)
    assert len(quiet) == seconds * RATE
    # -65 dBFS: the hiss of G.722 is to be below any line's.
    assert (heard(lead(form) + quiet, form)[320:] ** 2).mean() < 10**-6.5


@pytest.mark.parametrize("form", FORMS)
def test_the_beep_is_a_clean_tone_of_one_kilohertz(form: str) -> None:
    samples = heard(beep(form), form)
    assert len(beep(form)) == 2000
    # In the first 50 ms a decoder of G.722 finds its place.
    samples = samples[len(samples) // 5 :]
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.abs(samples).max() == pytest.approx(0.1, rel=0.06)
    assert spectrum.argmax() == 200
    assert spectrum[200] ** 2 > 0.99 * (spectrum**2).sum()


def test_joined_pieces_of_g722_sound_as_each_alone() -> None:
    said = [word(110), word(220), word(150, 0.8), word(90), word(180)]
    audio = lead("g722")
    places = []
    for number, each in enumerate(said):
        places.append(len(audio))
        audio += wideband.encode(each) + silence(0.1 * (number % 2), "g722")
    samples = heard(audio, "g722")
    for each, place in zip(said, places, strict=True):
        assert noise(each, samples[2 * place :]) > 17


def test_a_sound_after_one_cut_in_mid_word_begins_without_a_burst() -> None:
    first, second = wideband.encode(word(110, 1.0)), wideband.encode(word(200))
    for cut in range(2000, 6000, 333):
        samples = heard(first[:cut] + lead("g722") + second, "g722")[2 * cut :]
        # The word that was cut rings on for 5 ms.
        assert np.abs(samples[80 : 2 * len(lead("g722"))]).max() < 0.02
        assert noise(word(200), samples[2 * len(lead("g722")) :]) > 10


def test_only_what_needs_it_has_something_before_it() -> None:
    assert (lead("alaw"), lead("ulaw"), len(lead("g722"))) == (b"", b"", 240)


def test_the_loudest_sound_stays_within_what_16_bits_hold() -> None:
    square = np.where(np.arange(16_000) // 40 % 2, 32767, -32768).astype(np.int16)
    assert np.abs(heard(wideband.encode(square), "g722")).max() <= 1.0
    assert len(wideband.encode(square)) == 8000
