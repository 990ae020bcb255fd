"""The recorder on a caller's channel."""

from ivr.flow.effects import Enqueue
from ivr.line.taping import Taping
from ivr.wire.agi import Command, Reply


class Commands:
    """A wire that takes everything and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def command(self, command: Command, *, secret: bool = False, dead: bool = False) -> Reply:
        self.told.append(command.decode().strip())
        return Reply(200, "1", "", None, "200 result=1")


def wait(recorded: bool, knows: bool) -> Enqueue:
    return Enqueue("desk", 60, "yue", (), recorded=recorded, knows_recorded=knows)


async def test_each_wait_has_a_file_of_its_own_and_the_channel_tells_which() -> None:
    wire = Commands()
    taping = Taping(wire, "1.2-2")
    await taping.begin(wait(recorded=False, knows=False))
    await taping.end()
    assert wire.told == []
    await taping.begin(wait(recorded=True, knows=True))
    await taping.end()
    await taping.end()
    assert wire.told == [
        "SET VARIABLE __IVR_TOLD_RECORDED 1",
        "SET VARIABLE IVR_TALK 1.2-2_2@desk.raw",
        "SET VARIABLE CONNECTED_LINE_SEND_SUB talk-anew,s,1",
        "EXEC MixMonitor 1.2-2_2@desk.raw,bD",
        "EXEC StopMixMonitor",
        'SET VARIABLE IVR_TALK ""',
    ]


async def test_who_is_recorded_without_being_told_does_not_count_as_told() -> None:
    wire = Commands()
    await Taping(wire, "1.2").begin(wait(recorded=True, knows=False))
    assert not [command for command in wire.told if "TOLD" in command]
