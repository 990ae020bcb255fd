"""Whoever is recorded is told first, once, and whole."""

from ivr.flow.caller import Caller
from ivr.flow.effects import Enqueue, Queued, Staying
from ivr.flow.project import Project
from ivr.flow.session import Session
from ivr.flow.story import Story
from ivr.line.script import ScriptLine
from ivr.line.world import World, drive
from tests.stage import PROMPTS, Clock, Ledger, read

TELLS = "may_be_recorded: {cmn: 会录音。, yue: 會錄音。, en: Recorded.}\n"
FLOW = """
flow: f
languages: [en, cmn]
start: first
nodes:
  first: {queue: desk, unanswered: second}
  second: {queue: desk, unanswered: bye}
  bye: hangup
"""


class Line(ScriptLine):
    """A line that keeps the waits she was asked to."""

    def __init__(self, *keys: str) -> None:
        super().__init__(keys, queued=Queued("unanswered"))
        self.waits: list[Enqueue] = []

    async def enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        self.waits.append(enqueue)
        return await super().enqueue(enqueue)


def project(prompts: str = PROMPTS + TELLS) -> Project:
    return read(FLOW, prompts=prompts)[0]


async def waits(
    recorded: dict[str, bool], *keys: str, prompts: str = PROMPTS + TELLS, knows: bool = False
) -> tuple[list[bool], list[str]]:
    """Return of which of her waits the talk is recorded, and what she heard."""
    line, clock = Line(*keys), Clock()
    caller = Caller("c1", "138", "10086", Story(knows_recorded=knows))
    session = Session(project(prompts), "f", caller, clock(), recorded=recorded)
    await drive(session, World(line, Ledger(None)), clock)  # type: ignore[arg-type]
    return [wait.recorded for wait in line.waits], [str(h.prompt) for h in session.record.heard]


async def test_she_is_told_once_and_then_recorded() -> None:
    assert await waits({"desk": True}) == ([True, True], ["may_be_recorded"])


async def test_a_desk_that_does_not_record_says_nothing() -> None:
    assert await waits({"other": True}) == ([False, False], [])


async def test_where_nobody_need_be_told_nobody_is() -> None:
    assert await waits({"desk": False}) == ([True, True], [])


async def test_who_was_told_before_she_was_passed_on_is_not_told_again() -> None:
    assert await waits({"desk": True}, knows=True) == ([True, True], [])


async def test_who_does_not_hear_it_to_its_end_is_not_recorded() -> None:
    assert await waits({"desk": True}, "1") == ([False, True], ["may_be_recorded"] * 2)


async def test_without_words_for_it_nobody_is_recorded() -> None:
    assert await waits({"desk": True}, prompts=PROMPTS) == ([False, False], [])
