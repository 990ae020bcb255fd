import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ivr.flow.speech import Clip
from ivr.speech import clips
from ivr.speech.clips import ClipMissing, Clips, StorageError
from ivr.speech.takes import Takes
from tests.speech.disk import full_disk
from tests.speech.humming import (
    BYE,
    HELLO,
    NARROW,
    SAME_WORDS,
    SPEEDS,
    Hums,
    build,
    files,
    heard,
    quiet,
    store,
)
from tests.speech.sound import decoded, pitch, tone


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
from tests.speech.humming import NARROW, SPEEDS, Hums, quiet, store
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
