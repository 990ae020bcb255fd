import errno
import logging
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ivr.speech.shelf import Shelf, ShelfError
from tests.speech.disk import full_disk


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def sounds(shelf: Shelf) -> set[bytes]:
    return {path.read_bytes() for path in shelf.folder.glob("*.alaw")}


def test_a_sound_lies_where_its_name_says(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    name = shelf.place(b"hello")
    assert Path(name).is_absolute()
    assert Path(name).suffix == ""
    assert Path(f"{name}.alaw").read_bytes() == b"hello"
    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700


def test_the_same_sound_is_written_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    name = shelf.place(b"hello")
    before = Path(f"{name}.alaw").stat()
    assert shelf.place(b"hello") == name
    assert Path(f"{name}.alaw").stat() == before
    assert shelf.place(b"goodbye") != name


def test_a_full_shelf_lets_go_of_what_was_wanted_least_lately(tmp_path: Path) -> None:
    clock = Clock()
    shelf = Shelf(tmp_path, limit=250, clock=clock)
    one, two, three = b"1" * 100, b"2" * 100, b"3" * 100
    shelf.place(one)
    shelf.place(two)
    clock.seconds = 61
    shelf.place(one)
    shelf.place(three)
    assert sounds(shelf) == {one, three}


def test_a_sound_about_to_be_played_is_never_removed(tmp_path: Path) -> None:
    clock = Clock()
    shelf = Shelf(tmp_path, limit=250, clock=clock)
    many = [str(digit).encode() * 100 for digit in range(8)]
    for second, audio in enumerate(many):
        clock.seconds = second
        shelf.place(audio)
    assert sounds(shelf) == set(many)
    clock.seconds = 64.5
    shelf.place(b"x" * 100)
    assert sounds(shelf) == {*many[5:], b"x" * 100}
    clock.seconds = 200
    shelf.place(b"y" * 100)
    assert sounds(shelf) == {b"x" * 100, b"y" * 100}


def test_a_sound_somebody_removed_is_written_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    name = shelf.place(b"hello")
    Path(f"{name}.alaw").unlink()
    assert shelf.place(b"hello") == name
    assert sounds(shelf) == {b"hello"}


def test_a_sound_has_the_ending_of_its_form(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    names = {form: shelf.place(b"hello", form) for form in ("alaw", "ulaw", "g722")}
    for form, name in names.items():
        assert Path(f"{name}.{form}").read_bytes() == b"hello"
        assert shelf.keep(name, form)
    assert not shelf.keep(names["alaw"], "wav")


def test_a_sound_that_is_kept_is_safe_for_another_minute(tmp_path: Path) -> None:
    clock = Clock()
    shelf = Shelf(tmp_path, limit=150, clock=clock)
    name = shelf.place(b"1" * 100)
    clock.seconds = 59
    assert shelf.keep(name)
    clock.seconds = 118
    shelf.place(b"2" * 100)
    assert shelf.keep(name)
    clock.seconds = 200
    shelf.place(b"3" * 100)
    assert not shelf.keep(name)


def test_a_sound_somebody_removed_is_not_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    name = shelf.place(b"hello")
    Path(f"{name}.alaw").unlink()
    assert not shelf.keep(name)
    assert not shelf.keep(str(shelf.folder / "never placed"))


def test_many_calls_wanting_the_same_at_once_get_it(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    audio = b"hello" * 10000
    whole: list[bool] = []
    start = threading.Barrier(8)

    def call() -> None:
        start.wait()
        for number in range(20):
            name = shelf.place(audio + bytes([number]))
            whole.append(Path(f"{name}.alaw").read_bytes() == audio + bytes([number]))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert whole == [True] * 160
    assert len(sounds(shelf)) == 20


def test_a_full_disk_is_told_and_leaves_no_half_sound(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    with full_disk(1000), pytest.raises(ShelfError, match="could not be written") as told:
        shelf.place(b"x" * 2000)
    assert os.strerror(errno.EFBIG) in str(told.value)
    assert {path.name for path in shelf.folder.iterdir()} == {".lock"}
    shelf.place(b"x" * 2000)
    assert sounds(shelf) == {b"x" * 2000}


def test_where_there_is_no_room_sounds_lie_on_disk_until_there_is_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    memory.mkdir()
    disk.mkdir()
    shelf = Shelf(memory, beside=disk)
    first = shelf.place(b"first")
    folder = shelf.folder.rename(memory / "away")  # what is not there takes nothing
    names = [shelf.place(bytes([n]) * 9) for n in range(3)]
    assert all(Path(name).is_relative_to(disk) for name in names)
    assert Path(f"{names[0]}.alaw").read_bytes() == bytes(9)
    assert shelf.keep(names[0]) and not shelf.keep(first)
    again = shelf.place(b"first")
    assert Path(again).is_relative_to(disk)
    folder.rename(shelf.folder)
    last = shelf.place(b"last")
    assert Path(last).parent == shelf.folder
    # Each change is told once.
    told = [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    assert len(told) == 2 and told[0].endswith(f"sounds go to {Path(again).parent} meanwhile")
    assert told[1] == f"= sounds lie in {shelf.folder} again"
    shelf.close()
    assert not list(memory.iterdir()) and not list(disk.iterdir())


def test_without_room_anywhere_it_is_told(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, beside=tmp_path / "missing")
    with full_disk(1000), pytest.raises(ShelfError, match="no place"):
        shelf.place(b"x" * 2000)


@pytest.mark.parametrize("left", [b"", b"hel"])
def test_a_sound_that_somebody_has_cut_short_is_written_again(tmp_path: Path, left: bytes) -> None:
    shelf = Shelf(tmp_path)
    name = shelf.place(b"hello")
    Path(f"{name}.alaw").write_bytes(left)
    assert not shelf.keep(name)
    assert shelf.place(b"hello") == name
    assert Path(f"{name}.alaw").read_bytes() == b"hello"


def test_a_closed_shelf_is_gone(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.place(b"hello")
    shelf.close()
    shelf.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ShelfError, match="closed"):
        shelf.place(b"hello")


def test_the_sounds_of_a_killed_instance_are_swept_and_those_of_a_living_one_are_not(
    tmp_path: Path,
) -> None:
    program = f"""
from pathlib import Path
from ivr.speech.shelf import Shelf
print(Shelf(Path({str(tmp_path)!r})).place(b"hello"), flush=True)
input()
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().decode().strip()).with_suffix(".alaw")
        Shelf(tmp_path)
        assert theirs.exists()
        other.kill()
    Shelf(tmp_path)
    assert not theirs.exists()


def test_without_a_place_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ShelfError, match="no place for sounds under"):
        Shelf(tmp_path / "missing")


def test_where_sounds_lie_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        shelf = Shelf(tmp_path)
        shelf.place(b"hello")
        shelf.place(b"goodbye")
    assert [record.getMessage() for record in caplog.records] == [f"= sounds lie in {shelf.folder}"]


def test_a_memory_too_small_sends_sounds_to_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shelf = Shelf(limit=1 << 60)
    assert shelf.folder.parent == tmp_path
    assert "sounds go to disk" in caplog.text
    shelf.close()
