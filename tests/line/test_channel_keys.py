"""A caller's keys on a channel: each is read once, whenever it comes."""

import random
from pathlib import Path

import pytest

from ivr.agi.connection import Connection
from ivr.flow.effects import (
    Heard,
    Listen,
    Play,
    Record,
)
from ivr.line.channel import ChannelLine
from ivr.line.keeping import PLAYING, Place
from ivr.line.keypad import KEYS, MOST_KEYS
from tests.fake_asterisk import FakeAsterisk
from tests.line.given import UTTERANCE
from tests.line.switch import Channel, on, serving, speaking


async def test_a_key_between_two_commands_keeps_the_next_sound_from_starting(
    tmp_path: Path,
) -> None:
    channel = Channel()

    async def work(line: ChannelLine) -> None:
        assert await line.listen(Listen(1)) == ""
        channel.press("4")
        assert await line.play(Play(UTTERANCE, 100, 2)) == Heard("4", 2)
        channel.press("5D6")
        assert await line.listen(Listen(1)) == "56"
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    await on(channel, tmp_path, work)
    assert len(channel.played) == 2


async def test_a_key_that_is_none_of_ours_delays_nothing(tmp_path: Path) -> None:
    channel = Channel()

    async def work(line: ChannelLine) -> None:
        channel.press("ABCD")
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    await on(channel, tmp_path, work)
    assert len(channel.played) == 1


@pytest.mark.parametrize("hurried", [False, True])
@pytest.mark.parametrize("seed", range(20))
async def test_no_key_is_lost_or_doubled_wherever_it_comes(
    tmp_path: Path, seed: int, hurried: bool
) -> None:
    chance = random.Random(seed)
    pressed = "".join(chance.choices(KEYS, k=24))
    if hurried:  # the same key twice at the same moment may be taken for one
        pressed = "".join(chance.sample(KEYS, k=12))
    # The third command is keys-kept: from the fourth on keys are kept.
    places = sorted(chance.choices(range(5 if hurried else 4, 25), k=len(pressed)))
    before = {n: "".join(k for k, p in zip(pressed, places, strict=True) if p == n) for n in places}
    got: list[str] = []

    async def work(line: ChannelLine) -> None:
        for _ in range(20):
            got.append(await line.listen(Listen(1)))
            got.append((await line.play(Play(UTTERANCE, 100))).keys)

    await on(Channel(before=before, hurried=hurried), tmp_path, work, hurried=hurried)
    assert "".join(got) == pressed


async def test_more_keys_than_a_variable_holds_go_on_in_another(tmp_path: Path) -> None:
    pressed = "".join(random.Random(0).choices("0123456789*#", k=3 * MOST_KEYS))
    channel, got = Channel(), list[str]()

    async def work(line: ChannelLine) -> None:
        for start in range(0, len(pressed), 7):
            channel.press(pressed[start : start + 7])
            got.append(await line.listen(Listen(1)))

    await on(channel, tmp_path, work)
    assert "".join(got) == pressed
    assert all(len(value) < 511 for value in channel.variables.values())


async def test_a_key_that_comes_while_the_variable_is_full_is_in_its_place(tmp_path: Path) -> None:
    channel, got, replies = Channel(), list[str](), [""]

    def answer(command: str) -> str:
        # Right after the reading that finds more than may be, before anything is done about it.
        if len(replies[-1]) > MOST_KEYS + len("200 result=1 (UNPLAYED||||(alaw))"):
            channel.press("#")
        replies.append(channel(command))
        return replies[-1]

    async def work(line: ChannelLine) -> None:
        for keys in ("1" * MOST_KEYS, "2", "3"):
            channel.press(keys)
            got.append(await line.listen(Listen(1)))

    await on(answer, tmp_path, work)
    assert "".join(got) == "1" * MOST_KEYS + "2#3"


async def test_no_key_of_a_secret_reaches_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")

    async def work(line: ChannelLine) -> None:
        # Some are typed while she is asked for them, and what follows must not repeat them.
        assert (await line.play(Play(UTTERANCE, 100))).keys == "4809"
        assert await line.listen(Listen(1)) == "1"
        assert await line.listen(Listen(1)) == "357"
        assert (await line.play(Play(UTTERANCE, 100))).keys == ""
        await line.record(Record(60, 5))

    await on(Channel("4809", "1", "357"), tmp_path, work)
    assert "GOSUB keys-kept" in caplog.text
    for secret in ("4809", "8091", "1357"):
        assert secret not in caplog.text


async def test_no_key_is_lost_while_the_taken_ones_are_cut_off(tmp_path: Path) -> None:
    channel, got, pressed = Channel(), list[str](), ""

    def answer(command: str) -> str:  # one key before every command once keys are kept
        nonlocal pressed
        first = ("ANSWER", "keys-kept")
        if len(pressed) < 3 * MOST_KEYS and (pressed or not any(w in command for w in first)):
            pressed += "0123456789*#"[len(pressed) % 12]
            channel.press(pressed[-1])
        return channel(command)

    async def work(line: ChannelLine) -> None:
        while len(pressed) < 3 * MOST_KEYS or (got and got[-1]):
            got.append(await line.listen(Listen(1)))

    await on(answer, tmp_path, work)
    assert "".join(got) == pressed


async def test_the_switch_takes_all_keys_of_a_number_at_once(tmp_path: Path) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.listen(Listen(4, wanted=3)) == "123"
        assert await line.listen(Listen(4, wanted=3)) == "4#"
        assert await line.listen(Listen(4, wanted=3)) == ""

    switch = await on(Channel("1", "2", "3", "4", "#", "-"), tmp_path, work)
    assert sum("Read(" in command for command in switch.commands) == 3


async def test_who_stops_in_the_middle_of_a_number_has_waited_already(tmp_path: Path) -> None:
    channel = Channel("1", "2", "-", "7")

    async def work(line: ChannelLine) -> None:
        assert await line.listen(Listen(4, wanted=9)) == "12"
        assert await line.listen(Listen(4, wanted=7)) == ""
        assert await line.listen(Listen(4, wanted=7)) == "7"

    await on(channel, tmp_path, work)


async def test_a_key_that_is_there_already_is_not_waited_for(tmp_path: Path) -> None:
    channel = Channel("9")

    async def work(line: ChannelLine) -> None:
        channel.press("5")
        assert await line.listen(Listen(4, wanted=9)) == "5"
        assert await line.listen(Listen(4, wanted=8)) == "9"

    await on(channel, tmp_path, work)


async def test_what_was_waited_for_is_forgotten_when_something_is_said(tmp_path: Path) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.listen(Listen(4, wanted=9)) == "1"
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)
        assert await line.listen(Listen(1)) == "2"

    await on(Channel("1", "-", "-", "2"), tmp_path, work)


async def test_a_switch_that_does_not_know_how_to_keep_keys_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channel = Channel("1")

    def answer(command: str) -> str:
        lacks = "200 result=-1 Gosub label not found"
        return lacks if command.startswith("GOSUB") else channel(command)

    async def work(line: ChannelLine) -> None:
        await line.play(Play(UTTERANCE, 100))

    await on(answer, tmp_path, work)
    assert "no keys are kept: the switch knows no keys-kept; ivr down, then ivr up" in caplog.text


async def test_what_stopped_an_earlier_prompt_takes_no_key_away_as_another_leads_her_on(
    tmp_path: Path,
) -> None:
    channel = Channel()
    channel.make_ready()
    # Her controller died while the switch took the digits of a number.
    channel.variables |= {
        "CPLAYBACKSTATUS": "USERSTOPPED",
        "CPLAYBACKOFFSET": "40",
        "CPLAYBACKSTOPKEY": "1",
        "IVR_KEYS_1": "13813",
    }

    async def serve(connection: Connection) -> None:
        async with speaking(tmp_path) as speaker:
            line = ChannelLine(connection, speaker, tmp_path, "c1")
            await line.take_up(Place(1, store=1, seen=1), 0)
            got.append(await line.came_of(Listen(5, wanted=11), PLAYING))

    got: list[str] = []
    async with serving(serve) as port, FakeAsterisk(port, answer=channel) as switch:
        await switch.finished()
    assert got == ["3813"]
