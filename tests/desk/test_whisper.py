from pathlib import Path

import pytest

from ivr.desk.call_files import CallFiles
from ivr.desk.whisper import whisper
from tests.desk.test_call_files import names


async def test_the_switch_finds_a_whole_call_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "outgoing").mkdir()
    await whisper(CallFiles(tmp_path), "1795337617.12", "/dev/shm/ivr/0123")
    (file,) = (tmp_path / "outgoing").iterdir()
    assert file.read_text().splitlines() == [
        "Channel: Local/1795337617.12@whisper/n",
        "Application: Playback",
        "Data: /dev/shm/ivr/0123",
        "MaxRetries: 0",
        "WaitTime: 5",
    ]
    assert names(tmp_path) == ["outgoing"]


@pytest.mark.parametrize("id", ["", "1795337617", "1.2\nApplication: System", "1.2@agents", "a.b"])
async def test_what_is_no_unique_id_reaches_no_call_file(tmp_path: Path, id: str) -> None:
    (tmp_path / "outgoing").mkdir()
    with pytest.raises(ValueError, match="no unique id"):
        await whisper(CallFiles(tmp_path), id, "/dev/shm/ivr/0123")
    assert names(tmp_path / "outgoing") == []


async def test_where_no_file_can_be_put_none_is_left(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        await whisper(CallFiles(tmp_path), "1795337617.12", "/dev/shm/ivr/0123")
    assert names(tmp_path) == []
