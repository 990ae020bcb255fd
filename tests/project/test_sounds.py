"""What is built, by whom it is spoken, and what the switch says by itself."""

from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.flow.speech import Clip
from ivr.project import sounds
from ivr.speech.takes import Takes
from tests.stage import load, shipped

FLOW = "flow: f\nlanguages: [cmn, en]\nstart: a\nnodes: {a: {say: hello}}"


def test_the_apology_is_said_in_the_languages_of_the_flows_and_in_no_other() -> None:
    said: set[str] = set()

    def clip(clip: Clip, speed: int, form: str) -> bytes:
        said.add(clip.language)
        return b"\xd5"

    assert set(sounds.apologies(shipped(), clip, "alaw")) == said == {"cmn", "yue", "en"}
    said.clear()
    fewer = load(FLOW)
    fewer.catalogue.texts["apology"] = shipped().catalogue.texts["apology"]
    assert set(sounds.apologies(fewer, clip, "alaw")) == said == {"cmn", "en"}


def test_without_an_apology_the_switch_has_none() -> None:
    assert sounds.apologies(load(FLOW), lambda clip, speed, form: b"", "alaw") == {}


def test_the_apology_is_written_in_every_form_and_an_old_one_goes(tmp_path: Path) -> None:
    fewer = load(FLOW)
    fewer.catalogue.texts["apology"] = shipped().catalogue.texts["apology"]
    both = Settings(root=tmp_path, codecs=("alaw", "g722"))
    sounds.write_apologies(both, fewer, lambda clip, speed, form: form.encode())
    folder = tmp_path / "var" / "sounds"
    assert b"g722" in (folder / "apology-en.g722").read_bytes()
    assert b"alaw" in (folder / "apology-cmn.alaw").read_bytes()
    assert sounds.written_names(both, sounds.APOLOGY) == [
        str(folder / "apology-cmn"),
        str(folder / "apology-en"),
    ]
    fewer.catalogue.texts["apology"].pop("en")
    one = Settings(root=tmp_path, codecs=("ulaw",))
    sounds.write_apologies(one, fewer, lambda clip, speed, form: form.encode())
    assert [path.name for path in folder.iterdir()] == ["apology-cmn.ulaw"]


def test_every_clip_is_built_once_and_in_spoken_languages_only() -> None:
    clips = sounds.clips_of(load(FLOW))
    assert len(clips) == len(set(clips))
    assert {clip.language for clip in clips} == {"cmn", "en"}


def test_words_of_values_that_no_prompt_says_are_not_built() -> None:
    texts = {clip.text for clip in sounds.clips_of(load(FLOW))}
    assert "三角" in texts and "零三" in texts  # money and digits, which the stage's prompts say
    assert "星期三" not in texts


def test_a_voice_that_lacks_its_setting_is_told(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path, voices={"cmn": ("command",)})
    with (
        pytest.raises(IvrError, match="set voice_command"),
        sounds.speakers(settings, Takes.load(settings.takes)),
    ):
        pass
