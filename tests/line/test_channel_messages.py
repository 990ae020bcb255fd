"""Messages that a caller leaves on a channel."""

from pathlib import Path

import pytest

from ivr.flow.effects import (
    Listen,
    PlayBack,
    Record,
    Recorded,
)
from ivr.line.channel import ChannelLine
from tests.fake_asterisk import words
from tests.line.switch import Channel, on


@pytest.mark.parametrize(
    ("reply", "seconds", "silent"),
    [
        ("200 result=35 (dtmf) endpos=24000", 3.0, False),
        ("200 result=35 (dtmf) endpos=4000", 0.5, True),  # # at once
        ("200 result=0 (timeout) endpos=40000", 5.0, True),  # nothing but the silence
        ("200 result=0 (timeout) endpos=80000", 10.0, False),
        ("200 result=0 (timeout) endpos=480000", 60.0, False),  # spoken to the very end
        ("200 result=-1 (writefile)", 0.0, True),
        ("510 Invalid or unknown command", 0.0, True),
    ],
)
async def test_a_message_is_told_from_silence(
    tmp_path: Path, reply: str, seconds: float, silent: bool
) -> None:
    async def work(line: ChannelLine) -> None:
        recorded = await line.record(Record(60, 5))
        assert (recorded.file, recorded.seconds, recorded.silent) == ("c1-1.wav", seconds, silent)
        assert (await line.record(Record(60, 5))).file == "c1-2.wav"

    switch = await on(Channel(recorded=reply), tmp_path, work)
    recording = next(line for line in switch.commands if line.startswith("RECORD"))
    path = str(tmp_path / "c1-1")
    assert words(recording) == ["RECORD", "FILE", path, "wav", "#", "60000", "s=5"]


async def test_a_message_is_played_again_and_a_key_stops_it(tmp_path: Path) -> None:
    (tmp_path / "c1-1.wav").write_bytes(bytes(16_000))

    async def work(line: ChannelLine) -> None:
        assert await line.play_back(PlayBack("c1-1.wav")) == ""
        assert await line.play_back(PlayBack("c1-1.wav")) == "1"

    channel = Channel("-", "1")
    await on(channel, tmp_path, work)
    assert [path.name for path in channel.played] == ["c1-1.wav"] * 2


@pytest.mark.parametrize("silent", [False, True])
async def test_a_message_makes_room_for_the_next_one_unless_that_is_silent(
    tmp_path: Path, silent: bool
) -> None:
    first = tmp_path / "c1-0.wav"
    first.write_bytes(b"her words")
    reply = "200 result=-1 (writefile)" if silent else "200 result=35 (dtmf) endpos=24000"

    async def work(line: ChannelLine) -> None:
        await line.record(Record(60, 5, instead="c1-0.wav"))

    await on(Channel(recorded=reply), tmp_path, work)
    assert first.exists() is silent


async def test_keys_of_a_recording_answer_nothing_afterwards(tmp_path: Path) -> None:
    channel = Channel()

    def answer(command: str) -> str:
        if command.startswith("RECORD"):
            channel.press("12#")
        return channel(command)

    async def work(line: ChannelLine) -> None:
        await line.record(Record(60, 5))
        assert await line.listen(Listen(1)) == ""

    await on(answer, tmp_path, work)


async def test_a_message_that_is_gone_is_not_heard_and_the_call_goes_on(tmp_path: Path) -> None:
    channel = Channel()

    def answer(command: str) -> str:
        if not command.startswith("EXEC ExecIf"):
            return channel(command)
        channel.variables |= {"CPLAYBACKSTATUS": "ERROR", "CPLAYBACKOFFSET": "0"}
        return "200 result=0"

    async def work(line: ChannelLine) -> None:
        assert await line.play_back(PlayBack("c1-1.wav")) == ""

    await on(answer, tmp_path, work)


async def test_without_room_on_the_disk_nothing_is_recorded_and_no_tone_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(line: ChannelLine) -> None:
        monkeypatch.setattr("ivr.line.message.Messages.has_room", lambda messages: False)
        assert await line.record(Record(60, 5)) == Recorded("", 0.0, silent=True)

    channel = Channel()
    switch = await on(channel, tmp_path, work)
    assert not channel.played and not [x for x in switch.commands if x.startswith("RECORD")]
