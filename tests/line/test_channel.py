"""A caller on a channel: sounds that stop where they should, in what her line speaks."""

from pathlib import Path

import pytest

from ivr.flow.effects import (
    HangUp,
    Heard,
    Listen,
    Play,
    Record,
)
from ivr.line.channel import ChannelLine
from ivr.line.playing import Unplayable
from tests.line.given import UTTERANCE
from tests.line.switch import SILENCE, Channel, on


@pytest.mark.parametrize(
    ("moment", "heard"),
    [
        (SILENCE, Heard("", 4)),
        ("5@0", Heard("5", 0)),
        ("5@130", Heard("5", 0, 1)),
        ("5@299", Heard("5", 0, 2)),
        ("*@300", Heard("*", 2)),  # in a pause it goes on with the next clip
        ("#@500", Heard("#", 2)),
        ("12@699", Heard("12", 2, 1)),
        ("0@700", Heard("0", 4)),  # nothing is left to be said
        ("0@9999", Heard("0", 4)),
        ("A@100", Heard("", 4)),  # A to D are no keys of ours
        ("DC1B2@90", Heard("12", 0)),
    ],
)
async def test_a_key_stops_the_sound_at_the_clip_being_spoken(
    tmp_path: Path, moment: str, heard: Heard
) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100)) == heard

    await on(Channel(moment), tmp_path, work)


async def test_a_sound_that_goes_on_in_the_middle_counts_from_the_whole(tmp_path: Path) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100, 2)) == Heard("7", 2)
        assert await line.play(Play(UTTERANCE, 100, 2)) == Heard("", 4)

    await on(Channel("7@20"), tmp_path, work)


async def test_what_the_dialplan_has_made_ready_is_not_asked_for_again(tmp_path: Path) -> None:
    channel = Channel(SILENCE, speaks="g722")
    channel.make_ready()
    channel.press("7")  # no controller was there yet

    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100)) == Heard("7", 0)
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    switch = await on(channel, tmp_path, work, spoken="(g722)")
    assert switch.commands[0] == "ANSWER" and len(switch.commands) == 5
    assert channel.variables["IVR_LED"] == "1"
    assert [sound.suffix for sound in channel.played] == [".g722"]


@pytest.mark.parametrize("speaks", ["alaw", "ulaw", "g722"])
async def test_a_caller_hears_every_sound_in_what_her_line_speaks(
    tmp_path: Path, speaks: str
) -> None:
    channel = Channel("1@580", speaks=speaks)

    async def work(line: ChannelLine) -> None:
        # G.722 has 30 ms before it; at 550 ms the second clip has been heard for 50.
        assert await line.play(Play(UTTERANCE, 100)) == Heard("1", 2)
        await line.listen(Listen(1))
        await line.record(Record(60, 5))

    await on(channel, tmp_path, work)
    assert [sound.suffix for sound in channel.played] == [f".{speaks}"] * 3


@pytest.mark.parametrize(("speaks", "form"), [("opus", ".alaw"), ("ulaw|alaw", ".ulaw")])
async def test_a_line_that_speaks_something_else_gets_what_can_be_transcoded(
    tmp_path: Path, speaks: str, form: str
) -> None:
    channel = Channel(speaks=speaks)

    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    await on(channel, tmp_path, work)
    assert [sound.suffix for sound in channel.played] == [form]


async def test_a_line_that_changes_its_codec_is_followed(tmp_path: Path) -> None:
    channel = Channel("5@299", "6@299", "7@320")

    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100)) == Heard("5", 0, 2)
        channel.speaks = "g722"
        # What was chosen before is transcoded, and its offset is that of what was played.
        assert await line.play(Play(UTTERANCE, 100)) == Heard("6", 0, 2)
        assert await line.play(Play(UTTERANCE, 100)) == Heard("7", 0, 2)

    await on(channel, tmp_path, work)
    assert [sound.suffix for sound in channel.played] == [".alaw", ".alaw", ".g722"]


async def test_the_switch_is_told_that_all_was_done(tmp_path: Path) -> None:
    async def work(line: ChannelLine) -> None:
        await line.hang_up(HangUp("bye"))

    channel = Channel()
    await on(channel, tmp_path, work)
    assert channel.variables["IVR_DONE"] == "1"


@pytest.mark.parametrize("fails", [1, 2])
async def test_a_sound_the_switch_cannot_play_is_made_once_more(
    fails: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channel, left = Channel(), [fails]

    def answer(command: str) -> str:
        reply = channel(command)
        if command.startswith("EXEC ExecIf") and left[0]:
            left[0] -= 1
            channel.variables["CPLAYBACKSTATUS"] = "ERROR"
            # It is gone from under us.
            channel.played[-1].unlink()
        return reply

    async def work(line: ChannelLine) -> None:
        if fails == 2:  # no silence is taken for what was said: the dialplan has her then
            with pytest.raises(Unplayable):
                await line.play(Play(UTTERANCE, 100))
        else:
            assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    await on(answer, tmp_path, work)
    assert caplog.text.count("could not play") == fails
