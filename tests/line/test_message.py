"""Messages on a disk that is full, gone, or has taken half of one."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from ivr.flow.effects import Record
from ivr.line.message import RECORDED_PER_SECOND, ROOM, Messages
from ivr.wire.agi import Command, Reply


class Wire:
    """A switch that records ten seconds, whatever the disk takes of them."""

    async def command(self, command: Command, *, secret: bool = False, dead: bool = False) -> Reply:
        return Reply(200, "35", "dtmf", 10 * RECORDED_PER_SECOND, "")


def messages(folder: Path) -> Messages:
    return Messages(Wire(), folder, "c1")


def test_below_so_much_room_no_message_is_begun_and_the_log_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert messages(tmp_path).has_room() and not caplog.text
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=ROOM - 1))
    assert not messages(tmp_path).has_room()
    assert f"no message is recorded: 9 MB are free in {tmp_path}" in caplog.text


def test_without_a_place_no_message_is_begun(tmp_path: Path) -> None:
    assert not messages(tmp_path / "gone").has_room()


@pytest.mark.parametrize(
    ("share", "whole"), [(0.0, False), (0.5, False), (0.95, True), (1.0, True)]
)
async def test_a_message_of_which_half_is_on_the_disk_is_none(
    share: float, whole: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "c1-0.wav").write_bytes(bytes(44 + int(share * 10 * RECORDED_PER_SECOND * 2)))
    with caplog.at_level(logging.ERROR):
        recorded = await messages(tmp_path).record(Record(60, 5))
    assert recorded.silent is not whole
    assert ("a message is lost" in caplog.text) is not whole
