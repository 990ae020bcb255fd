import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.flow.speech import Clip
from ivr.speech import clips
from ivr.speech.clips import BuildError, ClipMissing, Clips, Detour, StorageError
from ivr.speech.takes import Takes
from ivr.speech.voices import Voice, VoiceError
from tests.speech.disk import full_disk
from tests.speech.sound import decoded, pitch, tone

SPEEDS = (60, 100, 150)
NARROW = ("alaw", "ulaw")
HELLO = Clip("你好", "cmn")
SAME_WORDS = Clip("你好", "yue")
BYE = Clip("goodbye", "en")


class Hums:
    """A voice that hums each clip at a pitch of its own, when it is there and can say it."""

    licence = "none"

    def __init__(
        self, name: str, hertz: int = 200, cannot: Sequence[str] = (), away: str | None = None
    ) -> None:
        self.name = name
        self.hertz = hertz
        self.away = away
        self.said: list[str] = []
        self._cannot = cannot

    def languages(self) -> frozenset[str]:
        return frozenset({"cmn", "yue", "en"})

    def absent(self) -> str | None:
        return self.away

    def speak(self, clip: Clip, wav: Path) -> None:
        self.said.append(clip.text)
        if clip.text in self._cannot:
            raise VoiceError(f"{self.name} is hoarse")
        soundfile.write(wav, tone(self.hertz, 0.4), 24_000)

    def close(self) -> None:
        """There is nothing to end."""


class Unplugged(Hums):
    """A voice whose line breaks at the second clip."""

    def speak(self, clip: Clip, wav: Path) -> None:
        if self.said:
            self.away = "the line is down"
            raise VoiceError("no answer")
        super().speak(clip, wav)


def quiet(done: int, of: int) -> None:
    """Watch no progress."""


def heard_by(*names: str) -> Mapping[str, Sequence[str]]:
    return dict.fromkeys(("cmn", "yue", "en"), names)


def store(root: Path, *voices: Voice, takes: Takes | None = None) -> Clips:
    """A store that prefers takes, then the voices as given, each by its own name."""
    names = [voice.name for voice in voices]
    by_name = dict(zip(names, voices, strict=True))
    takes = Takes(root / "takes") if takes is None else takes
    return Clips(root / "built", takes, heard_by("recorded", *names), by_name)


def files(root: Path) -> list[Path]:
    return sorted(path for path in (root / "built").rglob("*") if path.is_file())


def build(clips: Clips, *wanted: Clip, speeds: Sequence[int] = (100,)) -> list[str]:
    """Build the clips and return what was said."""
    said: list[str] = []
    clips.build(wanted, speeds, ("alaw",), quiet, said.append)
    return said


def heard(clips: Clips, clip: Clip) -> int:
    """Return the pitch at which a clip is heard, which tells from whom."""
    return round(pitch(decoded(clips.load(clip, 100))) / 10) * 10


def recorded(takes: Takes, clip: Clip, hertz: int, voice: str = "Ms Lam") -> None:
    takes.keep(clip, "x.1", tone(hertz, 0.4).astype(np.float32), 24_000, voice, "ours")


def test_clips_are_built_once_at_every_speed_in_every_form(tmp_path: Path) -> None:
    voice = Hums("hums")
    clips = store(tmp_path, voice)
    assert clips.missing([HELLO, SAME_WORDS, HELLO], SPEEDS, NARROW) == [HELLO, SAME_WORDS]
    steps: list[tuple[int, int]] = []

    def step(done: int, of: int) -> None:
        steps.append((done, of))

    assert clips.build([HELLO, SAME_WORDS, HELLO], SPEEDS, NARROW, step, pytest.fail) == []
    assert steps == [(0, 2), (1, 2), (2, 2)]
    assert clips.missing([HELLO, SAME_WORDS], SPEEDS, NARROW) == []
    assert len(files(tmp_path)) == 12
    assert {path.suffix for path in files(tmp_path)} == {".alaw", ".ulaw"}
    clips.build([HELLO, SAME_WORDS], SPEEDS, NARROW, quiet, pytest.fail)
    assert len(voice.said) == 2


def test_a_form_is_loaded_by_its_name(tmp_path: Path) -> None:
    clips = store(tmp_path, Hums("hums"))
    clips.build([BYE], (100,), ("alaw", "ulaw", "g722"), quiet, pytest.fail)
    for form in ("alaw", "ulaw", "g722"):
        samples = decoded(clips.load(BYE, 100, form), form)
        narrow = samples[::2] if form == "g722" else samples
        assert pitch(narrow) == pytest.approx(200, rel=0.03)


def test_a_new_speed_or_form_leaves_the_old_ones_as_they_are(tmp_path: Path) -> None:
    clips = store(tmp_path, Hums("hums"))
    build(clips, HELLO)
    (old,) = files(tmp_path)
    before = old.stat()
    clips.build([HELLO], (100, 75), NARROW, quiet, pytest.fail)
    assert len(files(tmp_path)) == 4
    assert (old.stat().st_ino, old.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_same_words_of_another_language_are_another_sound(tmp_path: Path) -> None:
    order = {"cmn": ["low"], "yue": ["high"]}
    voices = {"low": Hums("low", 100), "high": Hums("high", 200)}
    clips = Clips(tmp_path / "built", Takes(tmp_path), order, voices)
    build(clips, HELLO, SAME_WORDS)
    assert (heard(clips, HELLO), heard(clips, SAME_WORDS)) == (100, 200)


def test_a_clip_that_was_never_built_is_named(tmp_path: Path) -> None:
    clips = store(tmp_path, Hums("hums"))
    with pytest.raises(ClipMissing, match=r"'goodbye' \(en\) has not been built at 75% as ulaw"):
        clips.load(BYE, 75, "ulaw")
    assert clips.voice_of(BYE, 75, "ulaw") is None


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_clip_that_has_gone_or_is_empty_is_said_at_the_nearest_speed(
    is_gone: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    built = store(tmp_path, Hums("one"))
    built.build([HELLO], SPEEDS, NARROW, quiet, print)
    found = [path for path in files(tmp_path) if path.name.endswith("-60.alaw")]
    for path in found:
        path.unlink() if is_gone else path.write_bytes(b"")
    assert len(found) == 1
    fresh = store(tmp_path, Hums("one"))
    for _ in range(3):
        assert fresh.load(HELLO, 60) == fresh.load(HELLO, 100)
    (told,) = caplog.records
    assert told.getMessage().endswith("build the prompts; it is said at 100%")
    # Once it is built again it is heard.
    shutil.rmtree(tmp_path / "built")
    built.build([HELLO], SPEEDS, NARROW, quiet, print)
    assert len(fresh.load(HELLO, 60)) > len(fresh.load(HELLO, 100))


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


def test_a_clip_in_memory_needs_no_disk(tmp_path: Path) -> None:
    clips = store(tmp_path, Hums("hums"))
    build(clips, BYE)
    audio = clips.load(BYE, 100)
    for path in files(tmp_path):
        path.unlink()
    assert clips.load(BYE, 100) == audio


def test_memory_keeps_the_clips_wanted_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_ = store(tmp_path, Hums("hums"))
    build(store_, HELLO, SAME_WORDS, BYE)
    sizes = [path.stat().st_size for path in files(tmp_path)]
    monkeypatch.setattr(clips, "CACHE", sum(sizes) - 1)
    for clip in (HELLO, SAME_WORDS, HELLO, BYE):
        store_.load(clip, 100)
    for path in files(tmp_path):
        path.unlink()
    assert store_.load(HELLO, 100)
    assert store_.load(BYE, 100)
    with pytest.raises(ClipMissing):
        store_.load(SAME_WORDS, 100)


def test_a_full_disk_is_told_with_the_folder_and_what_is_there_is_whole(tmp_path: Path) -> None:
    # Takes, as the recording of a voice would be the first thing without room.
    takes = Takes(tmp_path / "takes")
    wanted = [Clip(f"{n}", "en") for n in range(4)]
    for clip in wanted:
        takes.keep(clip, clip.text, tone(200, 0.4).astype(np.float32), 24_000, "x", "x")
    clips = store(tmp_path, takes=takes)
    # A sound at 150% has room, one at 60% has not.
    with (
        full_disk(3000),
        pytest.raises(StorageError, match=rf"^no more sounds can be written to {tmp_path}/built: "),
    ):
        build(clips, *wanted, speeds=(150, 60))
    kept = files(tmp_path)
    assert {path.name.split("-")[1] for path in kept} == {"150.alaw"}
    assert list(tmp_path.glob("built/.*")) == []
    build(clips, *wanted, speeds=(150, 60))
    for clip in wanted:
        ratio = len(clips.load(clip, 60)) / len(clips.load(clip, 150))
        assert ratio == pytest.approx(150 / 60, rel=0.01)
    assert set(kept) < set(files(tmp_path))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "built").touch()
    with pytest.raises(StorageError, match=r"no more sounds can be written to .*/built: ") as told:
        build(store(tmp_path, Hums("hums")), BYE)
    reasons = [os.strerror(errno.ENOTDIR), os.strerror(errno.EEXIST)]
    assert any(reason in str(told.value) for reason in reasons)


def test_two_builds_at_once_do_not_hinder_each_other(tmp_path: Path) -> None:
    wanted = [Clip(f"{n}", "en") for n in range(8)]
    stores = [store(tmp_path, Hums("hums")) for _ in range(2)]
    failed: list[BaseException] = []

    def run(clips: Clips) -> None:
        try:
            build(clips, *wanted)
        except BaseException as problem:
            failed.append(problem)

    threads = [threading.Thread(target=run, args=[clips]) for clips in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(files(tmp_path)) == 8


def wait_for(seen: Callable[[], bool], program: subprocess.Popen[bytes]) -> None:
    while not seen():
        assert program.poll() is None
        time.sleep(0.005)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_stopped_leaves_whole_clips_and_is_resumed(
    tmp_path: Path, end: signal.Signals
) -> None:
    program = f"""
from pathlib import Path
from ivr.flow.speech import Clip
from tests.speech.test_clips import Hums, SPEEDS, NARROW, quiet, store
some = [Clip("a" * n, "en") for n in range(1, 2000)]
store(Path({str(tmp_path)!r}), Hums("hums")).build(some, SPEEDS, NARROW, quiet, print)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], start_new_session=True, stderr=subprocess.PIPE
    ) as other:
        wait_for(lambda: len(list(tmp_path.glob("built/en/*law"))) > 20, other)
        os.killpg(other.pid, end)
    scratch = list(tmp_path.glob("built/.building-*"))
    assert bool(scratch) == (end == signal.SIGKILL)
    kept = sorted((tmp_path / "built/en").iterdir())
    some = [Clip("a" * n, "en") for n in range(1, 12)]
    clips = store(tmp_path, Hums("hums"))
    clips.build(some, SPEEDS, NARROW, quiet, pytest.fail)
    for clip in some:
        for form in NARROW:
            ratio = len(clips.load(clip, 60, form)) / len(clips.load(clip, 150, form))
            assert ratio == pytest.approx(150 / 60, rel=0.01)
    assert set(kept) <= set(files(tmp_path))


def test_what_a_killed_build_left_is_cleared_away_but_not_a_running_one(tmp_path: Path) -> None:
    abandoned = tmp_path / "built/.building-abandoned"
    running = tmp_path / "built/.building-running"
    for folder in (abandoned, running):
        folder.mkdir(parents=True)
        (folder / "half.wav").write_bytes(b"half")
    os.utime(abandoned, (0, 0))
    build(store(tmp_path, Hums("hums")), BYE)
    names = sorted(path.name for path in (tmp_path / "built").iterdir())
    assert names == [".building-running", "en"]
