"""What is kept of a call, and the call that is led on with it."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from ivr.flow import journal as journals
from ivr.flow.announcement import Announcement
from ivr.flow.caller import Caller
from ivr.flow.effects import (
    Announced,
    EndWait,
    Enqueue,
    Heard,
    Interrupted,
    Listen,
    LookAhead,
    LookUp,
    Play,
    Queued,
    Staying,
    Waiting,
)
from ivr.flow.fields import PromptName
from ivr.flow.journal import Journal
from ivr.flow.opening import Opening
from ivr.flow.prompts import plain
from ivr.flow.resume import resume
from ivr.flow.services import Found, Missing
from ivr.flow.story import Story
from ivr.flow.talk import Choice
from tests.flow.kept import CALLER, FLOW, Kept, kept
from tests.stage import START, load, shipped


def written(call: Kept) -> str:
    """Return all answers that are kept, without when they came."""
    return " ".join(text.partition(":")[2] for text in call.texts[1:])


def test_a_call_goes_on_at_the_effect_that_was_performed() -> None:
    call = kept("8", "*", "1")
    session = call.resume().journal.session
    assert session.asked == call.asked and isinstance(session.asked, Play)
    assert session.record == call.journal.session.record
    assert (session.record.language, session.record.speed) == ("yue", "90%")
    assert session.chosen == Choice("yue", 90)


def test_one_that_has_not_begun_is_begun() -> None:
    journal = Journal.begin(Opening("f", "v1", CALLER, START), load(FLOW))
    taken = resume(list(journal.unwritten().values()), load(FLOW))
    assert taken.journal.session.asked is None and not taken.journal.session.ended
    assert isinstance(taken.journal.answer(None, START), Play)
    journal.session.hang_up(START)


def test_how_it_began_is_known_again() -> None:
    story = Story("1764047000.12", "1002", "yue", 90, ("menu", "名字"), True)
    caller = Caller("1764047000.12-2", "13800138000", "10086", story)
    opening = Opening("f", "v1", caller, START, Choice("en", None), {"desk": True})
    assert Opening.read(opening.written(Choice(None, 75))) == (opening, Choice(None, 75))


def test_only_what_changed_is_unwritten() -> None:
    call = kept()
    assert sorted(call.held) == [0, 1] and not call.journal.unwritten()
    call.journal.answer(Heard("1", 0), call.clock())
    assert list(call.journal.unwritten()) == [2]
    call.journal.answer(Heard("*", 0), call.clock())
    assert list(call.journal.unwritten()) == [0, 3], "what she chose is kept at the head"


def test_it_goes_on_in_the_same_time() -> None:
    call = kept("1")
    assert call.resume().journal.last == call.journal.last


def test_a_back_end_is_asked_again_under_the_same_key() -> None:
    call = kept("2")
    before = call.asked
    assert isinstance(before, LookUp) and len(before.key) == 32
    call.answer(Waiting())
    call.hear()
    call.go_on()
    assert isinstance(call.asked, LookUp) and call.asked.still and call.asked.key == before.key
    call.answer(Missing())
    call.cut("7380")
    assert isinstance(call.asked, LookUp) and call.asked.key != before.key
    other = kept("2", flow=FLOW.replace("using: {number: $caller.number}", "using: {number: '1'}"))
    assert isinstance(other.asked, LookUp) and other.asked.key != before.key


def announcement(name: str) -> Announcement:
    said = {"cmn": plain("今天线路繁忙。", "cmn"), "en": plain("We are busy.", "en")}
    return Announcement(
        PromptName(name), {}, frozenset({"p"}), said, START, START + timedelta(days=1)
    )


def waiting() -> Kept:
    flow = FLOW.replace("wait: {say: hello}", "wait: {announcements: p}")
    call = kept("0", flow=flow)
    assert isinstance(call.asked, Enqueue)
    call.answer(Staying())
    return call


def rest(call: Kept, seconds: int) -> None:
    for _ in range(seconds):
        while not isinstance(call.asked, Listen):
            call.answer(None if isinstance(call.asked, LookAhead) else ())
        call.answer("")


def test_the_music_of_a_wait_is_one_entry() -> None:
    call = waiting()
    rest(call, 200)
    texts = call.journal.texts
    assert len(texts) < 70, "a walk each ten seconds"
    session = resume(texts, call.project).journal.session
    assert session.asked == call.asked
    assert session.record == call.journal.session.record


def test_while_she_stays_the_switch_takes_nothing() -> None:
    call = waiting()
    held = dict(call.held)
    rest(call, 5)
    assert call.held == held
    call.answer(()) if isinstance(call.asked, Announced) else None
    assert isinstance(resume(call.texts, call.project).journal.session.asked, Enqueue)


def test_what_is_announced_is_kept_once() -> None:
    call = waiting()
    rest(call, 1)
    while not isinstance(call.asked, Announced):
        call.answer(None if isinstance(call.asked, LookAhead) else "")
    asked = call.answer((announcement("a"),))
    assert isinstance(asked, Play)
    call.hear()
    size = len("".join(call.journal.texts))
    while not isinstance(call.asked, Announced):
        call.answer("")
    call.answer((announcement("a"),))
    assert len("".join(call.journal.texts)) < size + 40
    session = resume(call.journal.texts, call.project).journal.session
    assert session.record == call.journal.session.record


def test_what_she_is_told_beside_her_flow_is_kept() -> None:
    flow = FLOW.replace("while_waiting: wait, every: 10s, ", "").replace(
        "  wait: {say: hello}\n", ""
    )
    flow = flow.replace("  bye: hangup", "  bye: {announcements: p}")
    project = load(flow)
    project.catalogue.texts["serves_you"] = shipped().catalogue.texts["serves_you"]
    call = Kept(project)
    call.cut("0")
    session = call.journal.session
    assert session.overhear(lambda place: (announcement("a"),), call.clock())
    assert not session.overhear(lambda place: (announcement("a"),), call.clock())
    session.served_by("1002", call.clock())
    call.answer(Queued("answered", "1002"))
    record = call.resume().journal.session.record
    assert record == session.record
    assert [heard.prompt for heard in record.heard[-2:]] == ["a", "serves_you"]


def test_an_answer_longer_than_a_variable_is_kept_no_more_and_her_flow_begins_again() -> None:
    signs = random.Random(7)
    names = [chr(signs.randrange(0x4E00, 0x9FA5)) * 2 for _ in range(1500)]
    call = kept("8", "2", Found({"name": "".join(names)}))
    assert isinstance(call.asked, Play) and call.asked.prompt == "hello"
    assert max(map(len, call.texts)) < journals.LONGEST_TEXT and call.journal.is_full
    call.go_on()
    session = call.journal.session
    assert session.node == "which" and session.record.language == "yue"


def test_a_very_long_call_begins_its_flow_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "LONGEST", 600)
    call = kept("8")
    for _ in range(60):
        call.cut("*")
    assert call.journal.is_full and len("".join(call.texts)) < 900
    before = call.journal.session.record
    call.go_on()
    session, asked = call.journal.session, call.asked
    assert session.node == "which" and session.record.language == "yue"
    assert session.record.path[0].node == "which" and before.heard[0] == session.record.heard[0]
    call.go_on()
    assert call.asked == asked


def test_her_wait_may_end_while_it_is_looked_what_is_announced() -> None:
    call = waiting()
    assert isinstance(call.asked, Announced)
    ended = Interrupted((announcement("one"),))
    # So does that of one who comes back from a queue after her controller has died.
    taken = resume(call.journal.texts, call.project).journal
    assert taken.answer(ended, call.clock()) == EndWait()
    taken.session.hang_up(call.clock())
    assert call.answer(ended) == EndWait()
    again = resume(call.journal.texts, call.project).journal.session
    assert again.asked == EndWait() and again.record == call.journal.session.record
    assert "one" not in call.journal.session.talk.told
