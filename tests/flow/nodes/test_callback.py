"""callback: a number she agrees to, and a time that is promised."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.desk.reachable import at_home
from ivr.flow.effects import Book, Booked, Impossible, Offered, Refused
from ivr.line.script import SILENCE, ScriptLine
from tests.stage import PROMPTS, load, path, play, read

FLOW = """
flow: f
languages: [cmn]
start: a
nodes:
  a: {callback: desk, promised: promised, declined: declined, impossible: impossible}
  promised: hangup
  declined: hangup
  impossible: hangup
"""
UNTIL = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
OFFER = "二零二六年十一月二十三日上午九点三十分前打幺三八 零零幺三 八零零零。"


class Desk:
    """A desk that promises a time, but for `refused`; at its second answer it may have closed."""

    def __init__(self, promises: bool = True, closes: bool = False, refused: str = "-") -> None:
        self.promises, self.closes, self.refused = promises, closes, refused
        self.books = list[Book]()

    @property
    def asked(self) -> list[str]:
        return [book.number for book in self.books]

    async def book(self, book: Book) -> Offered | Booked | Refused | Impossible:
        self.books.append(book)
        late = self.closes and len(self.books) > 1
        if not self.promises or late:
            return Impossible("closed")
        if book.number == self.refused:
            return Refused("a number of our own")
        until = UNTIL + timedelta(minutes=5 * (len(self.books) - 1))
        return Booked(until) if book.number else Offered(until, at_home(book.hers))


@pytest.mark.parametrize(
    ("caller", "keys", "end", "asked"),
    [
        ("13800138000", ["1"], "promised", ["", "13800138000"]),
        ("13800138000", ["3"], "declined", [""]),
        ("13800138000", [], "declined", [""]),
        ("13800138000", ["7", "8", "9"], "declined", [""]),
        ("13800138000", ["2", "13900139000", "1"], "promised", ["", "13900139000"]),
        ("13800138000", ["2", "*"], "declined", [""]),
        ("", ["13900139000", "1"], "promised", ["", "13900139000"]),
        ("", ["12345678901", SILENCE, "13900139000", "1"], "promised", ["", "13900139000"]),
        ("", ["1", "2", "3"], "declined", [""]),
        ("1012345678", ["1"], "promised", ["", "01012345678"]),  # at home, in Beijing
        ("4001234567", ["13900139000", "1"], "promised", ["", "13900139000"]),
        ("85291234567", ["13900139000", "1"], "promised", ["", "13900139000"]),
    ],
)
def test_a_number_is_agreed_on(caller: str, keys: list[str], end: str, asked: list[str]) -> None:
    desk = Desk()
    record = play(load(FLOW), ScriptLine(keys), caller=caller, diary=desk)
    assert path(record)[-1] == end
    assert desk.asked == asked


def test_the_time_is_offered_and_the_one_that_is_promised_told() -> None:
    line = ScriptLine(["1"])
    play(load(FLOW), line, diary=Desk())
    assert line.heard == [OFFER, "二零二六年十一月二十三日上午九点三十五分前。"]


@pytest.mark.parametrize("desk", [Desk(promises=False), None])
def test_what_nobody_keeps_is_not_offered(desk: Desk | None) -> None:
    line = ScriptLine(["1"])
    assert path(play(load(FLOW), line, diary=desk))[-1] == "impossible"
    assert line.heard == []


def test_a_number_that_nobody_may_call_is_asked_for_again() -> None:
    desk, line = Desk(refused="13800138000"), ScriptLine(["1", "13900139000", "1"])
    assert path(play(load(FLOW), line, diary=desk))[-1] == "promised"
    assert desk.asked == ["", "13800138000", "13900139000"]
    record = play(load(FLOW), ScriptLine(["1", "13800138000", "1", "*"]), diary=desk)
    assert path(record)[-1] == "declined"
    asked = [(one.outcome, one.why) for one in record.asked or ()]
    refused = ("refused", "a number of our own")
    assert asked == [("offered", ""), refused, refused]


def test_the_desk_is_told_who_must_call_and_how_she_is_spoken_to() -> None:
    desk = Desk()
    flow = FLOW.replace("callback: desk", "callback: desk, skills: [$language, roaming]")
    play(load(flow), ScriptLine(["1"]), diary=desk)
    book = desk.books[-1]
    assert (book.skills, book.language, book.speed) == (("cmn", "roaming"), "cmn", 100)


def test_a_desk_that_closes_meanwhile_promises_nothing() -> None:
    assert path(play(load(FLOW), ScriptLine(["1"]), diary=Desk(closes=True)))[-1] == "impossible"


def test_an_offer_that_does_not_say_the_time_is_told() -> None:
    texts = PROMPTS.replace("{day:date}{by:time}前打{number:phone}", "打{number:phone}")
    problems = "\n".join(
        map(str, read(FLOW, prompts=texts.replace("{by:time}前。", "{by:money}前。"))[1])
    )
    assert "'callback_until' says {by}" in problems


@pytest.mark.parametrize("offer", ["[callback_offer]", "{callback_offer: {by: $x}}", "''"])
def test_an_offer_is_one_prompt_id(offer: str) -> None:
    wrong = FLOW.replace("callback: desk", f"callback: desk, offer: {offer}")
    assert "a prompt id is" in "\n".join(map(str, read(wrong)[1]))
