"""The crier: who waits is told once, some at a time; who does not wait is told nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.announcements.crier import MOST_AT_A_LOOK, MOST_AT_ONCE, Crier
from ivr.desk.call_files import CallFiles
from ivr.flow.announcement import Announcement
from ivr.flow.caller import Caller
from ivr.flow.effects import Queued
from ivr.flow.session import Session
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from tests.flow.teller import Teller
from tests.flow.test_announcement import OUTAGE, announcement
from tests.line.switch import Murmurs
from tests.stage import START, load
from tests.until import until

FLOW = """
flow: f
languages: [cmn, en]
start: first
nodes:
  first: {say: hello, go: notices}
  notices: {announcements: hotline, go: agent}
  agent: {queue: desk, unanswered: bye}
  bye: hangup
"""


@dataclass
class Board:
    """A noticeboard that somebody else writes on."""

    announcements: tuple[Announcement, ...] = ()

    @property
    def has_any(self) -> bool:
        return bool(self.announcements)

    def at(self, place: str) -> tuple[Announcement, ...]:
        return tuple(x for x in self.announcements if place in x.places)


@dataclass
class Hall:
    """A queue of calls, a crier for it, and what was whispered to whom."""

    spool: Path
    speaker: Speaker
    board: Board = field(default_factory=Board)
    sessions: dict[str, Session] = field(default_factory=dict)
    seconds: float = 0

    def __post_init__(self) -> None:
        (self.spool / "outgoing").mkdir()
        self.crier = Crier(
            self.board,
            lambda: tuple(self.sessions),
            self.sessions.get,
            self.speaker,
            CallFiles(self.spool),
            "alaw",
            lambda: START + timedelta(seconds=self.seconds),
        )

    def call(self, number: int, language: str = "cmn") -> Teller:
        """A call that has come to the queue, on whose way nothing was announced."""
        caller = Caller(f"1.{number}", "13800138000")
        teller = Teller(Session(load(FLOW), "f", caller, START, language=language))
        teller.hear()
        teller.answer(())
        self.sessions[caller.id] = teller.session
        return teller

    async def told(self) -> list[str]:
        """Who has begun to be told since this was last asked."""
        await self.crier.cry()
        files = list((self.spool / "outgoing").iterdir())
        ids = [file.read_text().split("/")[1].split("@")[0] for file in files]
        for file in files:
            file.unlink()
        return sorted(ids)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    shelf = Shelf(tmp_path)
    yield Hall(tmp_path, Speaker(Murmurs(), shelf))
    shelf.close()


def heard(session: Session) -> list[tuple[str | None, str, str]]:
    return [(h.prompt, h.text, h.language) for h in session.record.heard[1:]]


async def test_who_waits_is_told_once_in_her_language_and_her_record_says_so(hall: Hall) -> None:
    ada, lin = hall.call(1, "en"), hall.call(2)
    assert await hall.told() == []
    hall.board.announcements = (announcement(1, OUTAGE),)
    assert await hall.told() == ["1.1", "1.2"]
    hall.seconds = 60
    assert await hall.told() == []
    assert heard(ada.session) == [("announcement 1", OUTAGE["en"], "en")]
    assert heard(lin.session) == [("announcement 1", OUTAGE["cmn"], "cmn")]


async def test_what_is_announced_together_is_said_one_after_the_other(hall: Hall) -> None:
    waiting = hall.call(1)
    hall.board.announcements = (announcement(1, OUTAGE), announcement(2, {"cmn": "请稍候。"}))
    assert await hall.told() == ["1.1"]
    hall.board.announcements += (announcement(3, {"cmn": "您好。"}),)
    assert await hall.told() == []  # she still hears the others
    hall.seconds = 60
    assert await hall.told() == ["1.1"]
    assert [prompt for prompt, _, _ in heard(waiting.session)] == [
        "announcement 1", "announcement 2", "announcement 3",
    ]  # fmt: skip


async def test_what_was_said_on_her_way_is_not_said_again(hall: Hall) -> None:
    hall.board.announcements = (announcement(1, OUTAGE),)
    teller = Teller(Session(load(FLOW), "f", Caller("1.1"), START))
    teller.hear()
    teller.answer(hall.board.at("hotline"))
    teller.hear()
    hall.sessions["1.1"] = teller.session
    assert await hall.told() == []


async def test_another_place_than_those_of_her_flow_is_not_hers(hall: Hall) -> None:
    hall.call(1)
    hall.board.announcements = (announcement(1, OUTAGE, "roaming"),)
    assert await hall.told() == []


async def test_who_waits_no_more_and_who_is_not_ours_is_told_nothing(hall: Hall) -> None:
    hall.call(1).answer(Queued("answered", "1001", left=True))
    hall.crier.waiting = lambda: ("1.1", "7.7")
    hall.board.announcements = (announcement(1, OUTAGE),)
    assert await hall.told() == []


async def test_of_many_who_wait_a_few_begin_at_a_time_and_in_the_end_all_have_heard(
    hall: Hall,
) -> None:
    for number in range(2 * MOST_AT_ONCE):
        hall.call(number)
    hall.board.announcements = (announcement(1, OUTAGE),)
    told = [await hall.told() for _ in range(20)]
    assert [len(each) for each in told[:2]] == [MOST_AT_A_LOOK] * 2
    assert sum(map(len, told)) == MOST_AT_ONCE
    while any(told):
        hall.seconds += 10
        told = [await hall.told()]
    assert all(heard(session) for session in hall.sessions.values())


async def test_no_fault_ends_the_crying_and_it_is_told_once(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[int] = []

    def faulty_at_first() -> tuple[str, ...]:
        looks.append(1)
        if len(looks) < 3:
            raise KeyError("a board that is wrong")
        return ("1.1",)

    hall.call(1)
    hall.board.announcements = (announcement(1, OUTAGE),)
    hall.crier.waiting = faulty_at_first
    async with hall.crier.crying():
        await until(lambda: any((hall.spool / "outgoing").iterdir()))
    assert caplog.text.count("is not told what is announced") == 1


def test_a_place_of_a_sub_flow_is_a_place_of_the_flow_that_calls_it() -> None:
    outer = "flow: f\nlanguages: [cmn]\nstart: a\nnodes:\n  a: {call: g}"
    inner = "flow: g\nlanguages: [cmn]\nstart: a\nnodes:\n  a: {announcements: roaming}"
    assert load(outer, inner).places == {"f": {"roaming"}, "g": {"roaming"}}
