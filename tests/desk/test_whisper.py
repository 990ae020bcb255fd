from pathlib import Path

import pytest

from ivr.desk.whisper import whisper


def test_the_switch_finds_a_whole_call_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "outgoing").mkdir()
    whisper(tmp_path, "1795337617.12", "/dev/shm/ivr/0123")
    (file,) = (tmp_path / "outgoing").iterdir()
    assert file.read_text().splitlines() == [
        "Channel: Local/1795337617.12@whisper/n",
        "Application: Playback",
        "Data: /dev/shm/ivr/0123",
        "MaxRetries: 0",
        "WaitTime: 5",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["outgoing"]


@pytest.mark.parametrize("id", ["", "1795337617", "1.2\nApplication: System", "1.2@agents", "a.b"])
def test_what_is_no_unique_id_reaches_no_call_file(tmp_path: Path, id: str) -> None:
    (tmp_path / "outgoing").mkdir()
    with pytest.raises(ValueError, match="no unique id"):
        whisper(tmp_path, id, "/dev/shm/ivr/0123")
    assert list((tmp_path / "outgoing").iterdir()) == []


def test_where_no_file_can_be_put_none_is_left(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        whisper(tmp_path, "1795337617.12", "/dev/shm/ivr/0123")
    assert list(tmp_path.iterdir()) == []
