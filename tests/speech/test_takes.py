import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ivr.flow.speech import Clip
from ivr.speech.manifest import LONGEST_ID
from ivr.speech.recipe import RecipeError
from ivr.speech.takes import Takes, TakesError
from tests.speech.disk import full_disk
from tests.speech.keeping import BALANCE, BYE, HELLO, files, keep
from tests.speech.sound import loudness, peak, tone


def test_a_take_is_found_by_its_words_and_by_its_id(folder: Path) -> None:
    takes = Takes.load(folder)
    take = takes.find(BALANCE)
    assert take and take == takes.by_id("cmn", "your_balance.1")
    assert (take.voice, take.licence) == ("Ms Lam", "ours")
    assert [(t.clip.language, t.id) for t in takes] == [
        ("cmn", "your_balance.1"),
        ("en", "bye.1"),
        ("en", "hello.1"),
    ]
    assert takes.find(Clip("您的话费余额是", "yue")) is None
    assert takes.by_id("en", "your_balance.1") is None
    assert (len(takes), takes.problems, takes.damaged()) == (3, (), [])
    assert str(take.where) == f"{folder}/cmn.jsonl:1:1"


def test_the_manifest_is_for_people_too(folder: Path) -> None:
    (line,) = (folder / "cmn.jsonl").read_text().splitlines()
    assert line.startswith('{"id": "your_balance.1", "text": "您的话费余额是", "text_sha256": "')
    told = json.loads(line)
    content = (folder / "cmn/your_balance.1.opus").read_bytes()
    assert told.pop("sha256") == hashlib.sha256(content).hexdigest()
    assert told.pop("text_sha256") == hashlib.sha256(BALANCE.text.encode()).hexdigest()[:16]
    assert told.pop("seconds") == pytest.approx(0.35, abs=0.01)
    assert told.pop("lufs") == pytest.approx(-20, abs=1)
    assert told.pop("peak") < -1
    assert told == {
        "id": "your_balance.1",
        "text": "您的话费余额是",
        "file": "cmn/your_balance.1.opus",
        "voice": "Ms Lam",
        "licence": "ours",
    }


def test_a_master_has_the_level_of_the_house_and_is_small(folder: Path) -> None:
    takes = Takes.load(folder)
    speech = np.concatenate([tone(hertz, 0.1) for hertz in (200, 700, 300, 500) * 3])
    take = takes.keep(HELLO, "hello.1", speech.astype(np.float32), 24_000, "Ms Lam", "ours")
    heard = takes.samples(take).astype(float)
    assert loudness(heard, 24_000) == pytest.approx(-20, abs=1)
    assert loudness(heard, 24_000) == pytest.approx(take.lufs, abs=0.1)
    assert peak(heard) == pytest.approx(take.peak, abs=0.01)
    assert len(heard) / 24_000 == pytest.approx(take.seconds, abs=0.001)
    assert takes.master(take).stat().st_size < 6_000


def test_a_new_recording_of_the_same_words_or_of_the_same_id_replaces_the_old(
    folder: Path,
) -> None:
    takes = Takes.load(folder)
    before = takes.find(HELLO)
    again = keep(takes, HELLO, "greeting.1", 500)
    assert takes.find(HELLO) == again != before
    assert takes.by_id("en", "hello.1") is None
    other = keep(takes, Clip("so long", "en"), "bye.1", 600)
    assert takes.find(BYE) is None
    assert list(Takes.load(folder)) == [takes.find(BALANCE), other, again]
    assert files(folder / "en") == {"greeting.1.opus", "bye.1.opus"}


def test_removed_takes_are_gone(folder: Path) -> None:
    takes = Takes.load(folder)
    takes.remove([take for take in takes if take.clip.language == "en"])
    assert [take.clip for take in takes] == [take.clip for take in Takes.load(folder)] == [BALANCE]
    assert files(folder) == {"cmn.jsonl", "en.jsonl", "cmn/your_balance.1.opus"}


def test_a_take_may_be_renamed_and_stays_the_recording_it_is(folder: Path) -> None:
    takes = Takes.load(folder)
    hello, bye = takes.by_id("en", "hello.1"), takes.by_id("en", "bye.1")
    assert hello and bye
    with takes.together():  # they change places
        takes.rename(hello, "bye.1")
        takes.rename(bye, "hello.1")
    again = Takes.load(folder)
    assert (again.problems, again.damaged(), len(again)) == ((), [], 3)
    moved = again.find(HELLO)
    assert moved and (moved.id, moved.sha256) == ("bye.1", hello.sha256)
    assert again.find(BYE) == again.by_id("en", "hello.1")
    assert files(folder / "en") == {"hello.1.opus", "bye.1.opus"}
    with pytest.raises(TakesError, match="cannot be the id"):
        takes.rename(moved, "../x")


def test_a_folder_that_is_not_there_has_no_takes(tmp_path: Path) -> None:
    assert (len(Takes.load(tmp_path / "no")), Takes.load(tmp_path / "no").problems) == (0, ())


def test_what_is_kept_together_becomes_true_at_the_end(tmp_path: Path) -> None:
    takes = Takes.load(tmp_path)
    with takes.together():
        keep(takes, HELLO, "hello.1")
        keep(takes, HELLO, "hello.2", 400)
        assert takes.find(HELLO) is None
        assert not (tmp_path / "en.jsonl").exists()
    assert [take.id for take in Takes.load(tmp_path)] == ["hello.2"]
    assert files(tmp_path) == {"en.jsonl", "en/hello.2.opus"}


def test_what_was_finished_stays_whatever_ends_the_work(tmp_path: Path) -> None:
    takes = Takes.load(tmp_path)
    with pytest.raises(KeyboardInterrupt), takes.together():
        keep(takes, HELLO, "hello.1")
        raise KeyboardInterrupt
    with pytest.raises(RecipeError, match="silent"), takes.together():
        keep(takes, BYE, "bye.1")
        takes.keep(BALANCE, "silent.1", np.zeros(24_000, np.float32), 24_000, "x", "x")
    assert [take.id for take in Takes.load(tmp_path)] == ["bye.1", "hello.1"]
    assert files(tmp_path) == {"en.jsonl", "en/bye.1.opus", "en/hello.1.opus"}


def test_takes_can_be_kept_from_several_threads(tmp_path: Path) -> None:
    takes = Takes.load(tmp_path)
    clips = [Clip(f"word {number}", "en") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda clip: keep(takes, clip, clip.text.replace(" ", ".")), clips))
    assert {take.clip for take in Takes.load(tmp_path)} == {take.clip for take in takes} == {*clips}


def test_what_another_program_kept_meanwhile_is_not_lost(folder: Path) -> None:
    here, there = Takes.load(folder), Takes.load(folder)
    keep(there, Clip("sorry", "en"), "sorry.1")
    keep(here, Clip("welcome", "en"), "welcome.1")
    assert [t.id for t in Takes.load(folder)][1:] == ["bye.1", "hello.1", "sorry.1", "welcome.1"]


@pytest.mark.parametrize("id", ["", "../hello", "a/b", ".hidden", "a b", "余" * 70])
def test_an_id_that_cannot_be_a_file_is_refused(tmp_path: Path, id: str) -> None:
    with pytest.raises(TakesError, match="cannot be the id of a take"):
        keep(Takes.load(tmp_path), HELLO, id)
    assert files(tmp_path) == set()


def test_an_id_may_be_a_name_in_any_language(tmp_path: Path) -> None:
    assert keep(Takes.load(tmp_path), HELLO, "查询余额.1").file == "en/查询余额.1.opus"
    assert Takes.load(tmp_path).problems == ()


@pytest.mark.parametrize("size", [100, 4000])
def test_a_full_disk_is_told_with_the_folder_and_changes_nothing(tmp_path: Path, size: int) -> None:
    # With 4000 bytes the masters can be written, and the manifest cannot.
    takes = Takes.load(tmp_path)
    with takes.together():
        for number in range(9):
            keep(takes, Clip(f"{number}", "en"), f"{number}", voice="Ms Lam " * 60)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert (tmp_path / "en.jsonl").stat().st_size > 4000
    with (
        full_disk(size),
        pytest.raises(TakesError, match=rf"^{tmp_path}.* cannot be written to: ") as told,
        takes.together(),
    ):
        for number in range(9):
            keep(takes, Clip(f"{number}", "en"), f"other.{number}", 400, "Ms Lam " * 60)
    assert os.strerror(errno.EFBIG) in str(told.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before
    assert takes.by_id("en", "other.1") is None
    keep(takes, HELLO, "hello")
    assert len(Takes.load(tmp_path)) == 10


def test_ctrl_c_at_any_moment_leaves_masters_and_manifest_in_step(tmp_path: Path) -> None:
    program = f"""
import numpy as np
from pathlib import Path
from ivr.flow.speech import Clip
from ivr.speech.takes import Takes
sound = np.sin(np.arange(24_000) / 10).astype(np.float32)
number = 0
while True:
    try:
        takes = Takes.load(Path({str(tmp_path)!r}))
        for _ in input():
            number += 1
            clip = Clip(f"word {{number % 3}}", "en")
            takes.keep(clip, f"word.{{number % 3}}", sound[: 1200 + number], 24_000, "x", "x")
            print("kept", flush=True)
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin and other.stdout
        for moment in range(12):
            other.stdin.write(b"x" * 1000 + b"\n")
            other.stdin.flush()
            assert other.stdout.readline() == b"kept\n"
            time.sleep(moment / 1000)  # keeping takes about that long: another part of it each time
            other.send_signal(signal.SIGINT)
            while other.stdout.readline() != b"stopped\n":
                pass
            takes = Takes.load(tmp_path)
            assert (takes.problems, takes.damaged()) == ((), [])
            assert {take.file for take in takes} == {
                f"en/{path.name}" for path in (tmp_path / "en").iterdir()
            }
        other.kill()


def test_the_longest_id_is_kept_and_read_again(folder: Path) -> None:
    takes = Takes.load(folder)
    kept = takes.rename(next(iter(takes)), "x" * LONGEST_ID)
    again = Takes.load(folder)
    assert again.problems == ()
    found = again.find(kept.clip)
    assert found is not None and (found.id, found.file) == (kept.id, kept.file)
