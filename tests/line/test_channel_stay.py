"""A channel whose caller stays in our hands while app_queue has her: her keys go on being kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from ivr.agi.connection import Connection
from ivr.desk.keys import KeyReader
from ivr.flow.effects import EndWait, Enqueue, Listen, Queued, Staying
from ivr.line.channel import ChannelLine
from ivr.line.stay import Switch
from tests.fake_asterisk import FakeAsterisk
from tests.line.switch import Channel, serving, speaking

NAME = "PJSIP/callers-00000001"
WAIT = Enqueue("desk", 60, "cmn", (), stays=True)


class Waiting(Channel):
    """A channel whose keys come while app_queue has it: `typed` of them."""

    def __init__(self, typed: str, name: str = NAME, **queue: str) -> None:
        super().__init__(queue=queue)
        self.typed, self.name = typed, name

    def __call__(self, line: str) -> str:
        line = line.replace("${CHANNEL(name)}", self.name).replace("${QUEUE_EXISTS(desk)}", "1")
        if line.startswith("EXEC Queue"):
            self.press(self.typed)
        return super().__call__(line)

    async def ask(self, action: Mapping[str, str]) -> dict[str, str]:
        """Answer Getvar for this one channel."""
        name, _, rest = action["Variable"].split(",")[1].partition("):")
        return {"Value": self.variables.get(name, "")[int(rest.partition("}")[0]) :] + "/0"}


async def stayed(
    channel: Waiting,
    folder: Path,
    work: Callable[[ChannelLine], Awaitable[None]],
    answer: Queued | Staying = Staying(),  # noqa: B008  # a value
) -> list[str]:
    """Let her wait, do some work, and return the commands."""

    async def serve(connection: Connection) -> None:
        switch = Switch(folder, KeyReader(channel.ask), channel.ask)
        line = ChannelLine(connection, speaker, folder, "c1", switch=switch)
        await line.open()
        assert await line.enqueue(WAIT) == answer
        await work(line)
        line.close()
        done.append(True)

    channel.variables |= {"UNIQUEID": "17.1"}
    done: list[bool] = []
    async with (
        speaking(folder) as speaker,
        serving(serve) as port,
        FakeAsterisk(port, answer=channel) as switch,
    ):
        await switch.finished()
    assert done, switch.commands
    return switch.commands


async def test_keys_from_before_the_queue_to_after_it_are_hers(tmp_path: Path) -> None:
    channel = Waiting("12", QUEUESTATUS="TIMEOUT")

    async def work(line: ChannelLine) -> None:
        keys = await line.listen(Listen(60))
        assert await line.end_wait(EndWait()) == Queued("unanswered")
        channel.press("3")
        assert keys + await line.listen(Listen(1)) == "123"

    commands = await stayed(channel, tmp_path, work)
    assert sum("keys-kept" in command for command in commands) == 1


async def test_keys_of_a_conversation_answer_nothing(tmp_path: Path) -> None:
    channel = Waiting("12", QUEUESTATUS="CONTINUE", MEMBERNAME="1002", ANSWEREDTIME_MS="9000")

    async def work(line: ChannelLine) -> None:
        assert await line.end_wait(EndWait()) == Queued("answered", "1002", talked=9)
        channel.press("3")
        assert await line.listen(Listen(1)) == "3"

    commands = await stayed(channel, tmp_path, work)
    assert [words for words in commands if "StoreDTMF" in words or "keys-kept" in words][1:] == [
        "EXEC TryExec StoreDTMF(remove)",
        "GOSUB keys-kept s 1 IVR_KEYS_2",
    ]
    assert channel.variables["IVR_KEYS_1"] == ""


async def test_a_channel_whose_keys_cannot_be_read_waits_without_a_walk(tmp_path: Path) -> None:
    channel = Waiting("12", "Local/10086@callers-00000001;1", QUEUESTATUS="TIMEOUT")

    async def work(line: ChannelLine) -> None:
        assert await line.listen(Listen(1)) == "12"

    await stayed(channel, tmp_path, work, Queued("unanswered"))
