"""What is kept of those who wait, in a file for each."""

import os
import stat
import time
from pathlib import Path

from ivr.line.waits import Wait, Waits

WAIT = Wait(
    texts=("a", "b"),
    channel="PJSIP/callers-00000001",
    line="desk",
    waits=1,
    variable="IVR_KEYS_1",
    seen=2,
    whisper=1,
    form="alaw",
)


def opened(folder: Path) -> Waits:
    """Return those in a folder, as the next controller has them."""
    waits = Waits(folder)
    waits.load()
    return waits


def test_what_is_kept_is_there_until_it_is_dropped_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "waits"
    waits = opened(folder)
    waits.keep("1.7-2", WAIT)
    waits.keep("1.7-2", WAIT.model_copy(update={"seen": 3}))
    assert waits.calls() == ["1.7-2"]
    waits.close()
    waits = opened(folder)
    assert waits.read("1.7-2") == WAIT.model_copy(update={"seen": 3})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    waits.drop("1.7-2")
    waits.drop("1.7-2")
    assert waits.calls() == [] and waits.read("1.7-2") is None
    waits.close()
    assert opened(folder).calls() == [] and not list(folder.iterdir())


def test_half_a_file_is_none(tmp_path: Path) -> None:
    waits = opened(tmp_path)
    waits.keep("1.7", WAIT)
    waits.close()
    file = tmp_path / "1.7.json"
    file.write_text(file.read_text()[:40])
    (tmp_path / "1.8.new").write_text("{")
    assert opened(tmp_path).read("1.7") is None
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_what_was_kept_before_is_not_gone_by(tmp_path: Path) -> None:
    waits = opened(tmp_path)
    waits.keep("1.7", WAIT)
    waits.close()
    waits = opened(tmp_path)
    (tmp_path / "1.7.new").mkdir()
    waits.keep("1.7", WAIT.model_copy(update={"seen": 9}))
    waits.keep("1.8", WAIT)
    waits.close()
    assert opened(tmp_path).calls() == ["1.8"]


def test_a_disk_that_hangs_holds_nobody_and_is_given_the_newest_then(tmp_path: Path) -> None:
    waits = opened(tmp_path)
    # Who opens a pipe to write waits until somebody reads it.
    os.mkfifo(tmp_path / "1.7.new")
    waits.keep("1.7", WAIT)
    while waits._due:
        time.sleep(0)
    for seen in range(1000):
        waits.keep("1.7", WAIT.model_copy(update={"seen": seen}))
        waits.keep("1.8", WAIT)
        waits.drop("1.8")
    assert waits.read("1.7") and waits._queue.qsize() <= 2
    with (tmp_path / "1.7.new").open() as read:  # the disk is well again
        assert read.read()
    waits.close()
    kept = opened(tmp_path)
    assert kept.calls() == ["1.7"] and kept.read("1.7") == WAIT.model_copy(update={"seen": 999})
