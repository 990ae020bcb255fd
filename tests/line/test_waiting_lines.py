"""She waits and is spoken to: on the line in a terminal, by script, counted in a world."""

import asyncio

from ivr.desk.ledger import Fate
from ivr.flow.effects import (
    EndWait,
    Enqueue,
    Heard,
    Interrupted,
    Listen,
    LookAhead,
    Play,
    Queued,
    Staying,
)
from ivr.flow.outlook import Outlook
from ivr.flow.services import Missing
from ivr.flow.speech import Clip
from ivr.line.ports import Around
from ivr.line.script import ScriptLine
from ivr.line.terminal import TerminalLine
from ivr.line.world import World
from ivr.trial.given import Given
from ivr.trial.people import Agents
from tests.stage import Ledger

WAIT = Enqueue("desk", 60, "en", (), stays=True)
LONG = Play((Clip("Good day", "en"), Clip("sir", "en")), 1)
SOON = Agents(agent="1002", after=0.05)


async def test_a_wait_in_the_terminal_ends_what_is_said() -> None:
    line = TerminalLine(lambda text: None, given=Given(agents={"desk": SOON}))
    assert await line.enqueue(WAIT) == Staying()
    async with asyncio.timeout(5):
        assert (await line.play(LONG)).reached < 2
    assert line.is_over
    assert await line.listen(Listen(60)) == ""
    assert await line.end_wait(EndWait(leaves=True)) == Queued("answered", "1002")
    assert not line.is_over


async def test_who_leaves_in_the_terminal_has_left_and_a_key_is_taken() -> None:
    line = TerminalLine(lambda text: None, given=Given(agents={"desk": Agents(after=50)}))
    assert await line.enqueue(WAIT) == Staying()
    line.press("3")
    assert await line.listen(Listen(60, rests=True)) == "3"
    assert await line.end_wait(EndWait(leaves=True)) == Queued("left")
    # Nobody is there to be waited for: she is served, or not, at once.
    assert await TerminalLine(lambda text: None).enqueue(WAIT) == Queued("answered", "1001")


async def test_a_script_waits_as_long_as_it_has_keys() -> None:
    line = ScriptLine(["1"])
    assert await line.enqueue(WAIT) == Staying()
    assert await line.listen(Listen(30, rests=True)) == "" and not line.is_over
    assert await line.listen(Listen(5)) == "1" and not line.is_over
    assert await line.listen(Listen(30, rests=True)) == "" and line.is_over
    assert await line.end_wait(EndWait()) == Queued("answered", "1001")
    assert await line.enqueue(WAIT) == Queued("answered", "1001")


class Counted:
    """What was counted of a call's waits."""

    def __init__(self) -> None:
        self.waits: list[object] = []

    def begin(self, queue: str) -> bool:
        self.waits.append(queue)
        return True

    def end(self, queued: Queued | None) -> None:
        self.waits.append(queued and queued.outcome)

    def turn(self, fate: Fate) -> None:
        self.waits.append(fate)


async def test_a_world_tells_that_the_wait_is_over_and_counts_it_once() -> None:
    line, counted = ScriptLine(["1"]), Counted()
    around = Around(tally=counted, ahead=lambda queue: Outlook(len(queue)))
    async with World(line, Ledger(Missing()), around=around) as world:
        assert await world.perform(WAIT) == Staying()
        assert await world.perform(LookAhead()) == Outlook(len("desk"))
        assert await world.perform(LONG) == Heard("1", 1)
        assert await world.perform(Listen(5)) == Interrupted("")
        assert await world.perform(EndWait()) == Queued("answered", "1001")
        assert await world.perform(Listen(5)) == ""
    assert counted.waits == ["desk", "answered"]


async def test_a_wait_whose_end_is_not_seen_is_counted_as_such() -> None:
    counted = Counted()
    async with World(ScriptLine(["1"]), Ledger(Missing()), around=Around(tally=counted)) as world:
        await world.perform(WAIT)
    assert counted.waits == ["desk", None]
