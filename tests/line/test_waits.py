"""What is kept of those who wait, in a file for each."""

import stat
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


def test_what_is_kept_is_there_until_it_is_dropped_and_for_its_owner_alone(tmp_path: Path) -> None:
    waits = Waits(tmp_path / "waits")
    waits.keep("1.7-2", WAIT)
    waits.keep("1.7-2", WAIT.model_copy(update={"seen": 3}))
    assert waits.calls() == ["1.7-2"]
    kept = Waits(tmp_path / "waits").read("1.7-2")
    assert kept == WAIT.model_copy(update={"seen": 3})
    assert stat.S_IMODE((tmp_path / "waits").stat().st_mode) == 0o700
    waits.drop("1.7-2")
    waits.drop("1.7-2")
    assert waits.calls() == [] and waits.read("1.7-2") is None


def test_half_a_file_is_none(tmp_path: Path) -> None:
    waits = Waits(tmp_path)
    waits.keep("1.7", WAIT)
    file = tmp_path / "1.7.json"
    file.write_text(file.read_text()[:40])
    assert waits.read("1.7") is None


def test_where_nothing_can_be_written_what_was_kept_before_is_not_gone_by(tmp_path: Path) -> None:
    waits = Waits(tmp_path)
    waits.keep("1.7", WAIT)
    (tmp_path / "1.7.new").mkdir()
    waits.keep("1.7", WAIT.model_copy(update={"seen": 9}))
    assert waits.read("1.7") is None
