"""By whom a clip is said: takes go before voices, and voices stand in for each other."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.flow.speech import Clip
from ivr.speech.clips import BuildError, Clips, Detour
from ivr.speech.takes import Takes
from tests.speech.humming import (
    BYE,
    HELLO,
    SAME_WORDS,
    Hums,
    Unplugged,
    build,
    files,
    heard,
    quiet,
    recorded,
    store,
)


def test_a_take_goes_before_any_voice(tmp_path: Path) -> None:
    takes = Takes(tmp_path / "takes")
    recorded(takes, BYE, 100)
    voice = Hums("hums")
    clips = store(tmp_path, voice, takes=takes)
    build(clips, BYE, HELLO)
    assert voice.said == ["你好"]
    assert (heard(clips, BYE), heard(clips, HELLO)) == (100, 200)
    assert clips.voice_of(BYE, 100, "alaw") == "Ms Lam"
    assert clips.voice_of(HELLO, 100, "alaw") == "hums"


def test_a_take_recorded_later_is_built_and_heard_from_then_on(tmp_path: Path) -> None:
    takes = Takes(tmp_path / "takes")
    clips = store(tmp_path, Hums("hums"), takes=takes)
    build(clips, BYE)
    recorded(takes, BYE, 100)
    again = store(tmp_path, Hums("hums"), takes=takes)
    assert again.missing([BYE], (100,), ("alaw",)) == [BYE]
    assert heard(again, BYE) == 200
    build(again, BYE)
    assert again.missing([BYE], (100,), ("alaw",)) == []
    assert heard(store(tmp_path, Hums("hums"), takes=takes), BYE) == 100
    takes.remove([*takes])
    assert heard(store(tmp_path, Hums("hums"), takes=takes), BYE) == 200


def test_a_clip_is_heard_from_a_lesser_voice_until_a_better_take_is_built(tmp_path: Path) -> None:
    clips = store(tmp_path, Hums("hums"), takes=Takes(tmp_path / "takes"))
    assert clips.unheard([BYE], (100,), ("alaw",)) == [BYE]
    build(clips, BYE)
    assert clips.unheard([BYE], (100,), ("alaw",)) == []
    takes = Takes(tmp_path / "takes")
    recorded(takes, BYE, 100)
    again = clips.with_takes(takes)
    assert again.unheard([BYE], (100,), ("alaw",)) == []
    assert again.missing([BYE], (100,), ("alaw",)) == [BYE]
    build(again, BYE)
    assert (heard(again, BYE), heard(clips, BYE)) == (100, 200)


def test_a_voice_that_is_not_there_is_passed_over_with_one_line(tmp_path: Path) -> None:
    away = Hums("kokoro", 100, away="not installed: make voices")
    clips = store(tmp_path, away, Hums("espeak"))
    said = build(clips, HELLO, SAME_WORDS, BYE)
    assert said == ["the voice kokoro is passed over: not installed: make voices"]
    assert heard(clips, BYE) == 200
    assert build(clips, HELLO, SAME_WORDS, BYE) == []


def test_a_voice_that_is_not_there_is_not_spoken_of_when_no_clip_wants_it(tmp_path: Path) -> None:
    takes = Takes(tmp_path / "takes")
    recorded(takes, BYE, 100)
    assert build(store(tmp_path, Hums("kokoro", away="gone"), takes=takes), BYE) == []


def test_a_better_voice_that_has_come_is_used(tmp_path: Path) -> None:
    better = Hums("kokoro", 100, away="not installed")
    build(store(tmp_path, better, Hums("espeak")), BYE)
    better.away = None
    clips = store(tmp_path, better, Hums("espeak"))
    assert clips.missing([BYE], (100,), ("alaw",)) == [BYE]
    build(clips, BYE)
    assert heard(clips, BYE) == 100


def test_what_a_voice_left_behind_is_heard_when_it_is_gone(tmp_path: Path) -> None:
    better = Hums("kokoro", 100)
    build(store(tmp_path, better, Hums("espeak")), BYE)
    better.away = "not installed"
    clips = store(tmp_path, better, Hums("espeak"))
    assert build(clips, BYE) == []
    assert heard(clips, BYE) == 100


def test_a_clip_that_a_voice_cannot_say_is_said_by_the_next(tmp_path: Path) -> None:
    clips = store(tmp_path, Hums("kokoro", 100, cannot=["你好"]), Hums("espeak"))
    detours = clips.build([HELLO, BYE], (100,), ("alaw",), quiet, pytest.fail)
    assert detours == [Detour(HELLO, "kokoro", "kokoro is hoarse")]
    assert (heard(clips, HELLO), heard(clips, BYE)) == (200, 100)
    # It is tried again by the next build, and what is there already is no failure.
    assert clips.build([HELLO, BYE], (100,), ("alaw",), quiet, pytest.fail) == detours


def test_a_voice_that_breaks_down_is_passed_over_from_then_on(tmp_path: Path) -> None:
    broken, wanted = Unplugged("gtts", 100), [Clip(f"{n}", "en") for n in range(12)]
    clips = store(tmp_path, broken, Hums("espeak"))
    said: list[str] = []
    (detour,) = clips.build(wanted, (100,), ("alaw",), quiet, said.append, workers=1)
    assert detour.why == "no answer"
    assert said == ["the voice gtts is passed over: the line is down"]
    assert len(broken.said) == 1
    assert clips.voice_of(wanted[11], 100, "alaw") == "espeak"


def test_clips_that_fail_are_told_and_the_rest_is_built(tmp_path: Path) -> None:
    clips = store(tmp_path, Hums("kokoro", away="not installed"), Hums("espeak", cannot=("你好",)))
    with pytest.raises(BuildError) as told:
        build(clips, HELLO, BYE, SAME_WORDS)
    why = "espeak: espeak is hoarse; kokoro: not installed"
    assert str(told.value) == (
        f"2 clips could not be built:\n  '你好' (cmn): {why}\n  '你好' (yue): {why}"
    )
    assert clips.missing([HELLO, BYE], (100,), ("alaw",)) == [HELLO]
    assert len(files(tmp_path)) == 1


def test_a_language_without_a_voice_is_told(tmp_path: Path) -> None:
    clips = Clips(tmp_path, Takes(tmp_path), {"en": ["recorded"]}, {})
    with pytest.raises(BuildError, match=r"'goodbye' \(en\): no voice speaks it"):
        build(clips, BYE)


def test_a_take_that_is_damaged_or_gone_is_told_and_a_voice_stands_in(tmp_path: Path) -> None:
    takes = Takes(tmp_path / "takes")
    recorded(takes, BYE, 100)
    master = tmp_path / "takes/en/x.1.opus"
    master.write_bytes(b"rubbish")
    clips = store(tmp_path, Hums("hums"), takes=takes)
    (detour,) = clips.build([BYE], (100,), ("alaw",), quiet, pytest.fail)
    assert detour.candidate == "recorded"
    assert detour.why.startswith(f"{master}: not the recording that the manifest tells of")
    assert heard(clips, BYE) == 200
    master.unlink()
    shutil.rmtree(tmp_path / "built")
    (detour,) = clips.build([BYE], (100,), ("alaw",), quiet, pytest.fail)
    assert detour == Detour(BYE, "recorded", "en/x.1.opus is not there")


def test_a_silent_recording_of_a_voice_is_told_without_the_name_of_our_scratch(
    tmp_path: Path,
) -> None:
    class Silent(Hums):
        def speak(self, clip: Clip, wav: Path) -> None:
            soundfile.write(wav, np.zeros(24_000), 24_000)

    with pytest.raises(BuildError, match=r"'goodbye' \(en\): the recording is silent$"):
        build(store(tmp_path, Silent("silent")), BYE)


def test_what_voices_speak_can_be_kept_as_takes(tmp_path: Path) -> None:
    takes = Takes(tmp_path / "takes")
    recorded(takes, BYE, 100)
    clips = store(tmp_path, Hums("away", away="gone"), Hums("hums", cannot=["坏"]), takes=takes)
    said: list[str] = []
    wanted = [HELLO, BYE, SAME_WORDS, Clip("坏", "cmn")]
    kept = []
    with pytest.raises(BuildError, match=r"^1 clip could not.*\n  '坏' \(cmn\): hums: hums is"):
        for one in clips.spoken(wanted, quiet, said.append):
            assert (one.name, len(one.samples), one.rate) == ("hums", 9600, 24_000)
            take = takes.keep(one.clip, "y.1", one.samples, one.rate, one.voice.name, "none")
            kept.append(take.clip)
    assert said == ["the voice away is passed over: gone"]
    assert set(kept) == {HELLO, SAME_WORDS}
    assert list(tmp_path.glob("built/*")) == []
    assert list(clips.spoken([HELLO, BYE, SAME_WORDS], quiet, said.append)) == []


def test_another_voice_makes_other_clips(tmp_path: Path) -> None:
    build(store(tmp_path, Hums("one")), BYE)
    assert store(tmp_path, Hums("other")).missing([BYE], (100,), ("alaw",)) == [BYE]
