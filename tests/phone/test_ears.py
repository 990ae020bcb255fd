"""The ears are tried on sounds whose answers are known."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests import ears


def noise(seconds: float, level: float = 0.1) -> ears.Samples:
    return level * np.random.default_rng(7).standard_normal(round(seconds * 8000))


def spoken(wav: Path, words: str, *effects: str) -> Path:
    raw = wav.with_suffix(".raw.wav")
    subprocess.run(["espeak-ng", "-v", "en", "-w", str(raw), words], check=True)
    subprocess.run(["sox", str(raw), "-r", "8000", "-b", "16", str(wav), *effects], check=True)
    return wav


def test_a_tone_is_heard_at_its_own_frequency_only(tmp_path: Path) -> None:
    wav = ears.tone(tmp_path / "tone.wav", 440, 1, level=0.5)
    assert ears.tone_level(wav, 440) == pytest.approx(-6, abs=0.1)
    assert ears.tone_level(wav, 1000) < -60


def test_a_half_scale_sine_is_nine_decibel_down(tmp_path: Path) -> None:
    wav = ears.tone(tmp_path / "tone.wav", 440, 1, level=0.5)
    assert ears.rms_dbfs(wav) == pytest.approx(-9.03, abs=0.05)
    assert ears.duration(wav) == 1


def test_silence_is_as_quiet_as_can_be(tmp_path: Path) -> None:
    wav = ears.write(tmp_path / "silence.wav", np.zeros(8000))
    assert ears.rms_dbfs(wav) == ears.SILENCE_DBFS
    assert ears.speech(wav) == []


def test_nothing_is_measured_beyond_the_end(tmp_path: Path) -> None:
    wav = ears.tone(tmp_path / "tone.wav", 440, 1)
    with pytest.raises(ValueError, match=r"nothing was heard from 2 to 3 s"):
        ears.rms_dbfs(wav, 2, 3)


@pytest.mark.parametrize("hertz", [80, 120, 200, 320])
def test_the_pitch_of_a_buzz_is_its_frequency(tmp_path: Path, hertz: int) -> None:
    time = np.arange(8000) / 8000
    buzz = sum(np.sin(2 * np.pi * hertz * overtone * time) / overtone for overtone in range(1, 6))
    wav = ears.write(tmp_path / "buzz.wav", 0.3 * np.asarray(buzz))
    assert ears.pitch(wav) == pytest.approx(hertz, rel=0.02)


def test_noise_has_no_pitch(tmp_path: Path) -> None:
    wav = ears.write(tmp_path / "noise.wav", noise(1))
    with pytest.raises(ValueError, match="no voice"):
        ears.pitch(wav)


def test_slower_speech_keeps_its_pitch_and_lower_speech_does_not(tmp_path: Path) -> None:
    words = "your balance is one hundred and twenty three yuan"
    plain = ears.pitch(spoken(tmp_path / "plain.wav", words))
    slower = ears.pitch(spoken(tmp_path / "slower.wav", words, "tempo", "-s", "0.75"))
    lower = ears.pitch(spoken(tmp_path / "lower.wav", words, "speed", "0.75"))
    assert slower == pytest.approx(plain, rel=0.04)
    assert lower == pytest.approx(0.75 * plain, rel=0.06)


def test_a_sound_is_found_where_it_is_under_noise(tmp_path: Path) -> None:
    voice = spoken(tmp_path / "voice.wav", "thank you for calling")
    sound = ears.listen(voice).samples
    long = noise(6, level=0.01)
    long[20_000 : 20_000 + sound.size] += 0.5 * sound
    found = ears.find(voice, ears.write(tmp_path / "long.wav", long))
    assert found.at == pytest.approx(2.5, abs=0.001)
    assert found.score > 0.9


def test_a_sound_that_is_not_there_scores_low(tmp_path: Path) -> None:
    voice = spoken(tmp_path / "voice.wav", "thank you for calling")
    found = ears.find(voice, ears.write(tmp_path / "noise.wav", noise(6)))
    assert found.score < 0.3


def test_stretches_of_sound_are_told_apart_by_pauses(tmp_path: Path) -> None:
    pause = np.zeros(4000)
    sound = noise(1)
    wav = ears.write(tmp_path / "two.wav", np.concatenate([pause, sound, pause, sound, pause]))
    first, second = ears.speech(wav)
    assert (*first, *second) == pytest.approx((0.5, 1.5, 2.0, 3.0), abs=0.021)
    (both,) = ears.speech(wav, shortest_pause=0.6)
    assert both == pytest.approx((0.5, 3.0), abs=0.021)
