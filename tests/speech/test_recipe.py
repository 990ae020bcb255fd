import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.flow.speech import Clip
from ivr.speech import recipe
from ivr.speech.recipe import RecipeError
from ivr.speech.voices import Espeak
from tests.speech.sound import Sound, at, decoded, loudness, peak, pitch, recorded, tone

SPEEDS = (60, 75, 100, 120, 150)
FORMS = tuple(recipe.FORMS)
Sounds = dict[tuple[int, str], bytes]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Sounds:
    """One Mandarin phrase at every speed in every form."""
    wav = tmp_path_factory.mktemp("voice") / "voice.wav"
    Espeak().speak(Clip("您的话费余额是一百二十三元", "cmn"), wav)
    (made,) = recipe.forms([recipe.mastered(*recipe.recording(wav))], SPEEDS, FORMS)
    return made


def between(sound: Sound, rate: int = 24_000, quiet: float = 0.5) -> Sound:
    """Put silence before and after a sound, as a microphone or a voice does."""
    silence = np.zeros(round(quiet * rate))
    return np.concatenate([silence, sound, silence])


def master(sound: Sound, rate: int = 24_000) -> recipe.Samples:
    return recipe.mastered(sound.astype(np.float32), rate)


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_speed_changes_the_length_and_nothing_else(sounds: Sounds, speed: int) -> None:
    stretched, plain = sounds[speed, "alaw"], sounds[100, "alaw"]
    assert len(stretched) * speed / 100 == pytest.approx(len(plain), abs=1)
    assert pitch(decoded(stretched)) == pytest.approx(pitch(decoded(plain)), rel=0.03)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("speed", SPEEDS)
def test_every_speed_and_form_has_the_level_of_the_house(
    sounds: Sounds, speed: int, form: str
) -> None:
    heard = decoded(sounds[speed, form], form)
    assert loudness(heard, recipe.FORMS[form]) == pytest.approx(-20, abs=0.3)
    assert peak(heard) < -1


def test_a_byte_is_the_same_time_in_every_form(sounds: Sounds) -> None:
    for speed in SPEEDS:
        assert len(sounds[speed, "ulaw"]) == len(sounds[speed, "alaw"])
        assert len(sounds[speed, "g722"]) == pytest.approx(len(sounds[speed, "alaw"]), abs=1)


def test_the_forms_are_the_same_sound(sounds: Sounds) -> None:
    alaw, ulaw = decoded(sounds[75, "alaw"]), decoded(sounds[75, "ulaw"], "ulaw")
    assert np.abs(alaw - ulaw).max() < 0.05
    wide = decoded(sounds[100, "g722"], "g722")
    plain = decoded(sounds[100, "alaw"])
    # The filter bank of G.722 delays by 22 samples of 16 kHz.
    assert np.corrcoef(wide[22::2][:8000], plain[:8000])[0, 1] > 0.9


@pytest.mark.parametrize("decibels", [-1, -3, -40])
def test_loud_and_soft_recordings_come_out_alike(decibels: int) -> None:
    heard = master(between(tone(500, 1, decibels=decibels)))
    assert loudness(heard.astype(float), 24_000) == pytest.approx(-20, abs=0.3)


def test_a_clip_shorter_than_a_block_of_the_standard_has_the_level_too() -> None:
    (made,) = recipe.forms([master(between(tone(500, 0.1)))], (75, 100, 150), ("alaw",))
    for audio in made.values():
        assert loudness(decoded(audio)) == pytest.approx(-20, abs=0.5)


@pytest.mark.parametrize("quiet", [0.0, 0.01, 0.5, 1.5])
@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 44_100, 48_000])
def test_silence_at_the_ends_is_cut_to_a_known_length(rate: int, quiet: float) -> None:
    heard = master(between(tone(500, 1, rate), rate, quiet), rate)
    assert len(heard) / 24_000 == pytest.approx(0.02 + 1 + 0.03, abs=0.012)
    assert np.abs(heard[:240]).max() < 0.01
    assert np.abs(heard[-480:]).max() < 0.01


def test_a_recording_that_begins_and_ends_in_a_sound_does_not_click() -> None:
    heard = master(tone(300, 1, decibels=-6))
    steps = np.abs(np.diff(heard))
    assert steps.max() < 1.05 * np.median(np.sort(steps)[-1000:])


def test_a_stereo_recording_with_one_channel_upside_down_is_heard(tmp_path: Path) -> None:
    sound = tone(500, 1)
    soundfile.write(tmp_path / "take.wav", np.stack([sound, -sound], axis=1), 24_000)
    samples, _ = recipe.recording(tmp_path / "take.wav")
    assert np.allclose(samples, sound, atol=1e-3)


def test_an_offset_of_the_sound_card_is_taken_out() -> None:
    heard = master(between(tone(500, 1)) + 0.2)
    assert abs(heard.mean()) < 1e-3
    assert len(heard) / 24_000 == pytest.approx(1.05, abs=0.012)


def test_what_a_telephone_cannot_carry_is_not_folded_into_what_it_can() -> None:
    (made,) = recipe.forms([master(between(tone(6000, 1)))], (75, 100), ("alaw", "ulaw"))
    for (_, form), audio in made.items():
        assert at(decoded(audio, form), 2000) < -60


def test_what_a_telephone_can_carry_is_carried() -> None:
    (made,) = recipe.forms([master(between(tone(3000, 1)))], (75, 100), FORMS)
    for (_, form), audio in made.items():
        assert at(decoded(audio, form), 3000, recipe.FORMS[form]) > -25


def test_a_wide_line_carries_what_a_narrow_one_cannot() -> None:
    (made,) = recipe.forms([master(between(tone(6000, 1)))], (100,), ("g722",))
    assert at(decoded(made[100, "g722"], "g722"), 6000, 16_000) > -30


def test_silence_stays_silence() -> None:
    (made,) = recipe.forms([np.zeros(24_000, np.float32)], (60, 100), ("alaw", "ulaw"))
    assert {form: set(audio) for (_, form), audio in made.items()} == {
        "alaw": {0xD5},
        "ulaw": {255},
    }


def test_a_clip_is_the_same_alone_as_among_others() -> None:
    low, high = master(between(tone(400, 0.5))), master(between(tone(700, 0.8)))
    both = recipe.forms([low, high], (75, 100, 150), ("alaw",))
    (alone,) = recipe.forms([high], (75,), ("alaw",))
    assert both[1][75, "alaw"] == alone[75, "alaw"]
    assert recipe.forms([], (75,), ("alaw",)) == []


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3"])
def test_a_recording_may_come_in_any_usual_format(tmp_path: Path, name: str) -> None:
    sound = between(tone(500, 1, 44_100), 44_100)
    stereo = np.stack([sound, sound / 2], axis=1)
    heard = recipe.mastered(*recipe.recording(recorded(tmp_path / name, stereo, 44_100)))
    assert heard.ndim == 1
    # An MP3 smears a little of the tone into the silence.
    assert len(heard) / 24_000 == pytest.approx(1.07, abs=0.06)
    assert at(heard.astype(float), 500, 24_000) > -20


def test_opus_is_read_whatever_the_ending_says(tmp_path: Path) -> None:
    path = tmp_path / "take.opus"
    soundfile.write(path, between(tone(500, 1)), 24_000, format="OGG", subtype="OPUS")
    samples, rate = recipe.recording(path)
    assert (len(samples), rate) == (48_000, 24_000)


def test_what_is_no_recording_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.write_text("not a recording")
    with pytest.raises(RecipeError, match=rf"^{path}: not a recording that can be read \(.*WAV, F"):
        recipe.recording(path)


def test_an_empty_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "take.mp3").touch()
    with pytest.raises(RecipeError, match=r"take\.mp3: the file is empty$"):
        recipe.recording(tmp_path / "take.mp3")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"take\.wav: No such file"):
        recipe.recording(tmp_path / "take.wav")


def test_a_corrupt_file_is_refused_by_name(tmp_path: Path) -> None:
    path = recorded(tmp_path / "take.flac", between(tone(500, 1)))
    content = bytearray(path.read_bytes())
    content[20:4000] = os.urandom(3980)
    path.write_bytes(content)
    with pytest.raises(RecipeError, match=r"take\.flac: "):
        recipe.recording(path)


@pytest.mark.parametrize(
    ("sound", "rate", "why"),
    [
        (np.zeros(0), 24_000, "its length is 0 s"),
        (np.zeros(24_000), 24_000, "the recording is silent"),
        (np.full(24_000, 0.3), 24_000, "the recording is silent"),
        (np.full(24_000, np.nan), 24_000, "corrupt: some of its samples are no numbers"),
        (tone(500, 60.1, 8_000), 8_000, "longer than 60 s"),
        (tone(500, 1, 6_000), 6_000, "recorded at 6000 Hz; at least 8000"),
    ],
)
def test_a_recording_that_cannot_be_a_clip_is_refused_by_name(
    tmp_path: Path, sound: Sound, rate: int, why: str
) -> None:
    path = tmp_path / "take.wav"
    soundfile.write(path, sound, rate, subtype="FLOAT")
    with pytest.raises(RecipeError, match=rf"take\.wav: .*{why}") as told:
        recipe.recording(path)
    assert str(told.value) == f"{path}: {told.value.why}"


def test_a_click_is_no_speech() -> None:
    click = np.zeros(24_000)
    click[12_000] = 0.9
    with pytest.raises(RecipeError, match="nothing but a click"):
        master(click)


def test_a_missing_sox_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RecipeError, match=r"apt install sox$"):
        recipe.forms([master(tone(500, 1))], (75,), ("alaw",))


def test_importing_warns_of_nothing_and_hides_nothing_later() -> None:
    program = "import ivr.speech.recipe, warnings; warnings.warn('mine', RuntimeWarning)"
    done = subprocess.run([sys.executable, "-W", "always", "-c", program], capture_output=True)
    assert b"mine" in done.stderr
    assert done.stderr.count(b"Warning:") == 1
