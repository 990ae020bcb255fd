import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.flow.speech import Clip
from ivr.speech import clips
from ivr.speech.clips import BuildError, ClipMissing, Clips
from ivr.speech.voices import Espeak, VoiceError

SPEEDS = (60, 100, 150)
HELLO = Clip("你好", "cmn")
SAME_WORDS = Clip("你好", "yue")
BYE = Clip("goodbye", "en")


class Counting:
    """A voice that counts what it is asked to say, and cannot say some of it."""

    name = "counting"

    def __init__(self, cannot: tuple[str, ...] = ()) -> None:
        self.said: list[str] = []
        self._cannot = cannot

    def languages(self) -> frozenset[str]:
        return frozenset({"cmn", "yue", "en"})

    def speak(self, clip: Clip, wav: Path) -> None:
        self.said.append(clip.text)
        if clip.text in self._cannot:
            raise VoiceError("the voice is hoarse")
        Espeak().speak(clip, wav)


def quiet(done: int, of: int) -> None:
    """Watch no progress."""


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_clips_are_built_once_at_every_speed(tmp_path: Path) -> None:
    voice = Counting()
    store = Clips(tmp_path, voice)
    assert store.missing([HELLO, SAME_WORDS, HELLO], SPEEDS) == [HELLO, SAME_WORDS]
    steps: list[tuple[int, int]] = []
    store.build([HELLO, SAME_WORDS, HELLO], SPEEDS, lambda done, of: steps.append((done, of)))
    assert steps == [(0, 2), (1, 2), (2, 2)]
    assert store.missing([HELLO, SAME_WORDS], SPEEDS) == []
    assert [path.suffix for path in files(tmp_path)] == [".alaw"] * 6
    store.build([HELLO, SAME_WORDS], SPEEDS, quiet)
    assert len(voice.said) == 2


def test_a_new_speed_leaves_the_old_ones_as_they_are(tmp_path: Path) -> None:
    store = Clips(tmp_path, Espeak())
    store.build([HELLO], (100,), quiet)
    (old,) = files(tmp_path)
    before = old.stat()
    store.build([HELLO], (100, 75), quiet)
    assert len(files(tmp_path)) == 2
    assert (old.stat().st_ino, old.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_same_words_of_another_language_are_another_sound(tmp_path: Path) -> None:
    store = Clips(tmp_path, Espeak())
    store.build([HELLO, SAME_WORDS], (100,), quiet)
    assert store.load(HELLO, 100) != store.load(SAME_WORDS, 100)
    assert 0.3 < len(store.load(HELLO, 100)) / 8000 < 1.5


def test_a_clip_that_was_never_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClipMissing, match=r"'goodbye' \(en\) has not been built at 75%"):
        Clips(tmp_path, Espeak()).load(BYE, 75)


def test_a_clip_that_fails_is_told_and_the_rest_is_built(tmp_path: Path) -> None:
    store = Clips(tmp_path, Counting(cannot=("你好",)))
    with pytest.raises(BuildError) as told:
        store.build([HELLO, BYE, SAME_WORDS], (100,), quiet)
    assert str(told.value) == (
        "2 clips could not be built:\n"
        "  '你好' (cmn): the voice is hoarse\n"
        "  '你好' (yue): the voice is hoarse"
    )
    assert store.missing([HELLO, BYE], (100,)) == [HELLO]
    assert len(files(tmp_path)) == 1


def test_another_voice_makes_other_clips(tmp_path: Path) -> None:
    Clips(tmp_path, Espeak()).build([BYE], (100,), quiet)
    assert Clips(tmp_path, Counting()).missing([BYE], (100,)) == [BYE]


def test_a_clip_in_memory_needs_no_disk(tmp_path: Path) -> None:
    store = Clips(tmp_path, Espeak())
    store.build([BYE], (100,), quiet)
    audio = store.load(BYE, 100)
    for path in files(tmp_path):
        path.unlink()
    assert store.load(BYE, 100) == audio


def test_memory_keeps_the_clips_wanted_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Clips(tmp_path, Espeak())
    all_clips = [HELLO, SAME_WORDS, BYE]
    store.build(all_clips, (100,), quiet)
    sizes = [path.stat().st_size for path in files(tmp_path)]
    monkeypatch.setattr(clips, "CACHE", sum(sizes) - 1)
    for clip in (HELLO, SAME_WORDS, HELLO, BYE):
        store.load(clip, 100)
    for path in files(tmp_path):
        path.unlink()
    assert store.load(HELLO, 100)
    assert store.load(BYE, 100)
    with pytest.raises(ClipMissing):
        store.load(SAME_WORDS, 100)


def wait_for(seen: Callable[[], bool]) -> None:
    while not seen():
        time.sleep(0.005)


def test_a_build_that_is_killed_leaves_whole_clips_and_is_resumed(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
from ivr.flow.speech import Clip
from ivr.speech.clips import Clips
from ivr.speech.voices import Espeak
some = [Clip("a" * n, "en") for n in range(1, 200)]
Clips(Path({str(tmp_path)!r}), Espeak()).build(some, (60, 100), lambda done, of: None)
"""
    build = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    wait_for(lambda: len(list(tmp_path.glob("en/*.alaw"))) > 4)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    kept = files(tmp_path / "en")
    some = [Clip("a" * n, "en") for n in range(1, 12)]
    store = Clips(tmp_path, Espeak())
    store.build(some, (60, 100), quiet)
    for clip in some:
        ratio = len(store.load(clip, 60)) / len(store.load(clip, 100))
        assert ratio == pytest.approx(100 / 60, rel=0.01)
    assert set(kept) <= set(files(tmp_path / "en"))


def test_what_a_killed_build_left_is_cleared_away_but_not_a_running_one(tmp_path: Path) -> None:
    abandoned, running = tmp_path / ".building-abandoned", tmp_path / ".building-running"
    abandoned.mkdir()
    (abandoned / "half.wav").write_bytes(b"half")
    running.mkdir()
    os.utime(abandoned, (0, 0))
    Clips(tmp_path, Espeak()).build([BYE], (100,), quiet)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".building-running", "en"]
