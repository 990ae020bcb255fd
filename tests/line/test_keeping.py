"""What is kept of a call on its channel: written along with what is done, and read again."""

import random
import string
from collections.abc import Callable

import pytest

from ivr.line.keeping import DIALLING, NOTHING, PLAYING, Keeping, Place, kept, place
from ivr.wire import agi
from ivr.wire.agi import Command, Expression, Reply
from tests.line.switch import Channel

HERE = Place(2, 0, 1003, 17, 1, 2)
SIGNS = string.ascii_letters + string.digits + "_*#+/.~:=-"


class Wire:
    """A channel without a socket; `commands` are those it was given."""

    def __init__(self) -> None:
        self.channel = Channel()
        self.channel.variables["AGIEXECFULL"] = "1"
        self.commands: list[Command] = []

    async def command(self, command: Command, *, secret: bool = False, dead: bool = False) -> Reply:
        self.commands.append(command)
        said = self.channel(command.decode().rstrip("\n"))
        return Reply(200, "1", said.partition("(")[2].removesuffix(")"), None, said)


def keeping(wire: Wire, now: Callable[[], Place] = lambda: HERE) -> Keeping:
    return Keeping(wire, now)


def test_a_place_is_told_and_read() -> None:
    for doing in (NOTHING, PLAYING, DIALLING):
        told = Place(1, 2, 3, 4, 5, 6, doing)
        assert place(str(told)) == told


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2.3.4.5.6", "1.2.3.4.5.6.x", "1.2.3.4.5.-6.p", "9999999.2.3.4.5.6.", "${X}"],
)
def test_what_is_no_place_tells_none(text: str) -> None:
    assert place(text) is None


async def test_texts_and_the_place_go_along_with_what_is_done_next() -> None:
    wire = Wire()
    call = keeping(wire)
    call.put({0: "head", 1: "abcd1:h1~2~0"})
    assert not call.is_written
    along = await call.along(PLAYING)
    assert wire.commands == []
    await wire.command(agi.execute("Set", Expression(f"{along}THEN=done")))
    assert wire.channel.variables["THEN"] == "done"
    assert wire.channel.variables["IVR_J2_1"] == "abcd1:h1~2~0"
    assert place(wire.channel.variables["IVR_AT"]) == Place(2, 2, 1003, 17, 1, 2, PLAYING)
    assert call.is_written
    # The next time only what is new.
    assert "IVR_J" not in await call.along(NOTHING)
    call.put({2: "efgh1:k"})
    await call.write()
    assert place(wire.channel.variables["IVR_AT"]) == Place(2, 3, 1003, 17, 1, 2)


async def test_what_is_long_has_commands_of_its_own_and_no_line_is_too_long() -> None:
    wire = Wire()
    call = keeping(wire)
    texts = dict.fromkeys(range(4), "x" * 2500)
    call.put(texts)
    await wire.command(agi.execute("Set", Expression(f"{await call.along(PLAYING)}A=b")))
    assert [wire.channel.variables[f"IVR_J2_{number}"] for number in texts] == [*texts.values()]
    assert max(map(len, wire.commands)) < 4096


async def test_what_was_written_is_read_in_few_questions() -> None:
    wire, chance = Wire(), random.Random(7)
    texts = ["".join(chance.choices(SIGNS, k=chance.randrange(1, 90))) for _ in range(50)]
    call = keeping(wire)
    call.put(dict(enumerate(texts)))
    await call.write()
    here = place(wire.channel.variables["IVR_AT"])
    assert here is not None
    wire.commands.clear()
    assert await kept(wire, here) == texts
    assert len(wire.commands) == 3
    # A journal that has become shorter, and goes on.
    another = keeping(wire)
    another.take_up(here.texts)
    another.put({48: "", 49: ""})
    await another.write()
    assert await kept(wire, here) == texts[:48]


@pytest.mark.parametrize("text", ["${EXTEN}", "a)b", "a,b", 'a"b', "a|b", "a b", "a\nb", "x;", "é"])
def test_a_text_that_means_something_to_a_dialplan_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="means something"):
        keeping(Wire()).put({0: text})
