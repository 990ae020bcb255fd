"""A caller is passed on: what the line hears of it."""

from pathlib import Path

import pytest

from ivr.flow.effects import Dial, Enqueue, Queued
from ivr.line.channel import ChannelLine
from ivr.line.passed import PassedOn, arrived, passed_on
from ivr.wire.agi import Command, LineLost, Reply
from tests.line.switch import Channel, on

PASSED = {"CONTEXT": "passing-on", "EXTEN": "801", "BLINDTRANSFER": "PJSIP/1001-0000002a"}


def test_only_who_went_where_callers_are_passed_on_was_passed_on() -> None:
    on = passed_on(list(PASSED.values()), "Li Na")
    assert on is not None
    assert (on.to, on.by, on.agent) == ("801", "1001", "Li Na")
    assert passed_on(["callers", "10086", "PJSIP/1001-0000002a"]) is None
    assert passed_on(["passing-on", "801", ""]) is None


def test_a_transferer_who_is_no_agent_has_no_number() -> None:
    on = passed_on(["passing-on", "801", "Local/1001@x-1;1"])
    assert on is not None
    assert on.by == ""


async def test_a_caller_who_is_passed_on_has_not_hung_up(tmp_path: Path) -> None:
    answered = {"MEMBERNAME": "Li Na", "QUEUEWAIT_MS": "0"}
    channel = Channel(queue={"QUEUESTATUS": "", **answered, **PASSED})

    async def work(line: ChannelLine) -> None:
        with pytest.raises(PassedOn) as on:
            await line.enqueue(Enqueue("front_desk", 60, "yue", ("menu",), speed=75))
        assert (on.value.to, on.value.by, on.value.agent) == ("801", "1001", "Li Na")
        assert 0 < on.value.talked < 60

    await on(channel, tmp_path, work)
    brought = {name: channel.variables[f"__IVR_{name}"] for name in ("SPEED", "LANGUAGE")}
    assert brought == {"SPEED": "75", "LANGUAGE": "yue"}


async def test_what_an_earlier_passing_on_left_is_forgotten(tmp_path: Path) -> None:
    channel = Channel(queue={"QUEUESTATUS": "TIMEOUT"})
    channel.variables |= PASSED | {"ATTENDEDTRANSFER": "PJSIP/1002-1"}

    async def work(line: ChannelLine) -> None:
        assert await line.enqueue(Enqueue("roaming", 60, "yue", ())) == Queued("unanswered")
        assert await line.dial(Dial("1009", 20)) == "answered"

    await on(channel, tmp_path, work)


class Tells:
    """A channel that tells one variable, or has gone."""

    def __init__(self, value: str | None) -> None:
        self.value = value

    async def command(self, command: Command, *, secret: bool = False, dead: bool = False) -> Reply:
        if self.value is None:
            raise LineLost("gone")
        return Reply(200, "1", self.value, None, "")


@pytest.mark.parametrize(
    ("tells", "came"),
    [("17954208001", 17954208001), ("", None), ("x", None), ("9" * 40, None), (None, None)],
)
async def test_when_she_called_is_on_her_channel(tells: str | None, came: int | None) -> None:
    assert await arrived(Tells(tells)) == came
