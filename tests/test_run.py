"""What the parts are started with."""

from ivr import run
from ivr.flow.speech import Clip
from tests.stage import load, shipped

FLOW = "flow: f\nlanguages: [cmn, en]\nstart: a\nnodes: {a: {say: hello}}"


def test_the_apology_is_said_in_the_languages_of_the_flows_and_in_no_other() -> None:
    said: set[str] = set()

    def clip(clip: Clip, speed: int) -> bytes:
        said.add(clip.language)
        return b"\xd5"

    assert set(run.apology_sounds(shipped(), clip)) == said == {"cmn", "yue", "en"}
    said.clear()
    fewer = load(FLOW)
    fewer.catalogue.texts["apology"] = shipped().catalogue.texts["apology"]
    assert set(run.apology_sounds(fewer, clip)) == said == {"cmn", "en"}


def test_without_an_apology_the_switch_has_none() -> None:
    assert run.apology_sounds(load(FLOW), lambda clip, speed: b"") == {}


def test_every_clip_is_built_once_and_in_spoken_languages_only() -> None:
    clips = run.clips_of(load(FLOW))
    assert len(clips) == len(set(clips))
    assert {clip.language for clip in clips} == {"cmn", "en"}
