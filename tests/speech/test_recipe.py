import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ivr.flow.speech import Clip
from ivr.speech import recipe
from ivr.speech.voices import Espeak
from tests.speech.sound import decoded, level, peak, pitch


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, bytes]:
    """One Mandarin phrase at every speed, as A-law."""
    folder = tmp_path_factory.mktemp("takes")
    Espeak().speak(Clip("您的话费余额是一百二十三元", "cmn"), folder / "take.wav")
    files = {speed: folder / f"{speed}.alaw" for speed in (60, 75, 100, 120, 150)}
    recipe.stretch(recipe.take(folder / "take.wav"), files)
    assert {path.name for path in folder.iterdir()} == {
        "take.wav",
        *(path.name for path in files.values()),
    }
    return {speed: path.read_bytes() for speed, path in files.items()}


def tone(path: Path, hertz: int, decibels: float) -> Path:
    """Write a tone of one second at 22.05 kHz with half a second of silence at either end."""
    gain = ["gain", str(decibels)] if decibels else []
    command = ["sox", "-n", "-r", "22050", "-b", "16", str(path), "synth", "1", "sine", str(hertz)]
    subprocess.run([*command, *gain, "pad", "0.5", "0.5"], check=True)
    return path


@pytest.mark.parametrize("speed", [60, 75, 120, 150])
def test_a_speed_changes_the_length_and_nothing_else(takes: dict[int, bytes], speed: int) -> None:
    stretched, plain = takes[speed], takes[100]
    assert len(stretched) * speed / 100 == pytest.approx(len(plain), rel=0.01)
    assert pitch(decoded(stretched)) == pytest.approx(pitch(decoded(plain)), rel=0.03)
    assert level(decoded(stretched)) == pytest.approx(level(decoded(plain)), abs=1.5)


def test_speech_has_the_level_of_the_house(takes: dict[int, bytes]) -> None:
    for audio in takes.values():
        assert level(decoded(audio)) == pytest.approx(-20, abs=1.5)
        assert peak(decoded(audio)) < -1


@pytest.mark.parametrize("decibels", [-3, -40])
def test_loud_and_soft_recordings_come_out_alike(tmp_path: Path, decibels: int) -> None:
    samples = recipe.take(tone(tmp_path / "tone.wav", 500, decibels))
    recipe.stretch(samples, {100: tmp_path / "tone.alaw"})
    assert level(decoded((tmp_path / "tone.alaw").read_bytes())) == pytest.approx(-20, abs=0.5)


def test_silence_at_the_ends_is_cut_to_a_known_length(tmp_path: Path) -> None:
    samples = recipe.take(tone(tmp_path / "tone.wav", 500, -10))
    assert len(samples) // 2 == pytest.approx(8000 * (0.02 + 1 + 0.05), abs=100)


def test_what_a_telephone_cannot_carry_is_not_folded_into_what_it_can(tmp_path: Path) -> None:
    # 6 kHz would come out at 2 kHz; with the 500 Hz beside it, levelling cannot hide it.
    high = tone(tmp_path / "high.wav", 6000, -3)
    low = tone(tmp_path / "low.wav", 500, -3)
    mixed = tmp_path / "mixed.wav"
    subprocess.run(["sox", "-m", str(high), str(low), str(mixed)], check=True)
    samples = np.frombuffer(recipe.take(mixed), "<i2")[800:7200]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    at = spectrum[[round(hertz * len(samples) / 8000) for hertz in (500, 2000)]]
    assert 20 * np.log10(at[1] / at[0]) < -50


def test_silence_stays_silence(tmp_path: Path) -> None:
    recipe.stretch(bytes(16000), {60: tmp_path / "60.alaw", 100: tmp_path / "100.alaw"})
    assert set((tmp_path / "60.alaw").read_bytes()) == {0xD5}
    assert set((tmp_path / "100.alaw").read_bytes()) == {0xD5}


def test_one_speed_alone_is_the_same_as_among_others(tmp_path: Path) -> None:
    samples = recipe.take(tone(tmp_path / "tone.wav", 500, -10))
    recipe.stretch(samples, {75: tmp_path / "alone.alaw"})
    recipe.stretch(samples, {75: tmp_path / "first.alaw", 150: tmp_path / "second.alaw"})
    assert (tmp_path / "alone.alaw").read_bytes() == (tmp_path / "first.alaw").read_bytes()


def test_a_silent_recording_is_refused(tmp_path: Path) -> None:
    silent = tmp_path / "silent.wav"
    subprocess.run(["sox", "-n", "-r", "22050", str(silent), "trim", "0", "1"], check=True)
    with pytest.raises(recipe.RecipeError, match="silent"):
        recipe.take(silent)


def test_rubbish_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rubbish.wav").write_text("not a recording")
    with pytest.raises(recipe.RecipeError, match="sox failed"):
        recipe.take(tmp_path / "rubbish.wav")


def test_a_missing_sox_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(recipe.RecipeError, match=r"apt install sox$"):
        recipe.take(tmp_path / "take.wav")


def test_importing_warns_of_nothing_and_hides_nothing_later() -> None:
    program = "import ivr.speech.recipe, warnings; warnings.warn('mine', RuntimeWarning)"
    done = subprocess.run([sys.executable, "-W", "always", "-c", program], capture_output=True)
    assert b"mine" in done.stderr
    assert done.stderr.count(b"Warning:") == 1
