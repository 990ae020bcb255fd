"""Messages on a disk that is full, gone, or has taken half of one."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from ivr.line.messages import RATE, ROOM, has_room, is_whole


def test_below_so_much_room_no_message_is_begun_and_the_log_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert has_room(tmp_path) and not caplog.text
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=ROOM - 1))
    assert not has_room(tmp_path)
    assert f"no message is recorded: 9 MB are free in {tmp_path}" in caplog.text


def test_without_a_place_no_message_is_begun(tmp_path: Path) -> None:
    assert not has_room(tmp_path / "gone")


@pytest.mark.parametrize(
    ("share", "whole"), [(0.0, False), (0.5, False), (0.95, True), (1.0, True)]
)
def test_a_message_of_which_half_is_on_the_disk_is_none(
    share: float, whole: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "c1-1.wav"
    file.write_bytes(bytes(44 + int(share * 10 * RATE * 2)))
    with caplog.at_level(logging.ERROR):
        assert is_whole(file, 10.0) is whole
    assert ("a message is lost" in caplog.text) is not whole
