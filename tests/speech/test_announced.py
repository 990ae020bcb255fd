"""An announcement's sounds: made whole, in a folder of its own, and heard from there alone."""

from pathlib import Path

import pytest
import soundfile

from ivr.flow.speech import Clip
from ivr.speech import announced
from ivr.speech.clips import BuildError, ClipMissing
from ivr.speech.recipe import RecipeError
from ivr.speech.voices import VoiceError
from tests.speech.sound import decoded, pitch, tone

SPEEDS, FORMS = (75, 100), ("alaw", "ulaw")
DOWN = Clip("网络故障，", "cmn")
UP = Clip("正在抢修。", "cmn")
NOTICE = Clip("♪ notice.wav (3f9a2c)", "en")


class Hums:
    """A voice that hums at 300 Hz, and cannot say every clip."""

    licence = "none"
    name = "hums-0123456789ab"

    def __init__(self, cannot: str = "") -> None:
        self._cannot = cannot

    def languages(self) -> frozenset[str]:
        return frozenset({"cmn"})

    def absent(self) -> str | None:
        return None

    def speak(self, clip: Clip, wav: Path) -> None:
        if clip.text == self._cannot:
            raise VoiceError("hums is hoarse")
        soundfile.write(wav, tone(300, 0.4), 24_000)

    def close(self) -> None:
        """There is nothing to end."""


def make(folder: Path, file: Path | None = None, voice: Hums | None = None) -> None:
    announced.make(
        folder,
        [DOWN, UP],
        {NOTICE: file} if file else {},
        {"cmn": ("recorded", "espeak")},
        {"espeak": voice or Hums()},
        SPEEDS,
        FORMS,
        lambda done, of: None,
        lambda line: None,
    )


def test_it_is_heard_at_every_speed_in_every_form_without_its_voice(tmp_path: Path) -> None:
    make(tmp_path)
    heard = announced.heard(tmp_path)
    assert heard.missing([DOWN, UP], SPEEDS, FORMS) == []
    for form in FORMS:
        assert pitch(decoded(heard.load(DOWN, 100, form), form)) == pytest.approx(300, abs=5)
    assert len(heard.load(UP, 75, "alaw")) > len(heard.load(UP, 100, "alaw"))


def test_a_sound_file_is_mastered_like_a_recording_of_the_studio(tmp_path: Path) -> None:
    file = tmp_path / "notice.wav"
    soundfile.write(file, tone(300, 2.0, rate=44_100, decibels=-36), 44_100)
    make(tmp_path / "it", file)
    heard = announced.heard(tmp_path / "it")
    sound = decoded(heard.load(NOTICE, 100, "alaw"))
    assert pitch(sound) == pytest.approx(300, abs=5)
    assert heard.voice_of(NOTICE, 100, "alaw") == "notice.wav"
    assert abs(sound).max() > 0.1  # as loud as everything else, though it came softly


def test_what_no_voice_can_say_is_told(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="hums is hoarse"):
        make(tmp_path, voice=Hums(cannot=UP.text))


def test_a_file_that_is_no_sound_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "notice.wav").write_text("no sound")
    with pytest.raises(RecipeError, match=r"notice\.wav: not a recording"):
        make(tmp_path / "it", tmp_path / "notice.wav")


def test_a_codec_that_is_new_is_built_from_what_is_kept(tmp_path: Path) -> None:
    make(tmp_path)
    with pytest.raises(ClipMissing):
        announced.heard(tmp_path).load(DOWN, 100, "g722")
    announced.mend(tmp_path, SPEEDS, (*FORMS, "g722"))
    assert announced.heard(tmp_path).load(DOWN, 100, "g722")


def test_where_the_folder_is_gone_nothing_is_heard(tmp_path: Path) -> None:
    heard = announced.heard(tmp_path / "gone")
    assert heard.missing([DOWN], SPEEDS, FORMS) == [DOWN]
