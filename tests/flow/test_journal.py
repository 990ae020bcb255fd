"""What is kept of a call, and the call that is led on with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow import journal as journals
from ivr.flow.announcement import Announcement
from ivr.flow.answers import Unreadable
from ivr.flow.caller import Caller
from ivr.flow.effects import (
    Announced,
    Effect,
    Enqueue,
    HangUp,
    Heard,
    Listen,
    LookAhead,
    LookUp,
    Play,
    Queued,
    Record,
    Recorded,
    Staying,
    Waiting,
)
from ivr.flow.fields import PromptName
from ivr.flow.journal import Journal
from ivr.flow.opening import Opening
from ivr.flow.project import Project
from ivr.flow.prompts import plain
from ivr.flow.resume import Taken, resume
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.story import Story
from ivr.flow.talk import Choice
from tests.stage import START, Clock, load, path, shipped

FLOW = """
flow: f
languages: [cmn, yue, en]
start: which
anywhere: {"*": slower, 8: language, 0: agent}
nodes:
  which: {menu: ask, keys: {1: pin, 2: slow}, otherwise: agent}
  slow:
    lookup: billing.balance
    using: {number: $caller.number}
    into: other
    found: pin
    missing: pin
    failed: pin
  pin: {collect: hello, pattern: "73xx", secret: true, into: pin, go: ask, otherwise: agent}
  ask:
    lookup: billing.balance
    using: {number: $pin}
    into: account
    found: tell
    missing: agent
    failed: agent
  tell: {say: {owed: {amount: $account.balance}}, go: sure}
  sure: {menu: ask_short, keys: {1: agent, 2: ask, 3: message}, otherwise: agent}
  message: {record: hello, into: message, go: sure, silent: sure}
  agent: {queue: desk, while_waiting: wait, every: 10s, answered: bye, unanswered: bye}
  wait: {say: hello}
  bye: hangup
"""
CALLER = Caller("1764047000.12", "13800138000", "10086")


class Kept:
    """A call whose effects are answered one by one, and what its channel holds."""

    def __init__(self, project: Project) -> None:
        self.project, self.clock = project, Clock()
        self.journal = Journal.begin(Opening("f", "v1", CALLER, START), project)
        self.held = dict[int, str]()
        self.answer(None)

    def go_on(self, project: Project | None = None) -> Taken:
        """Have another controller take the call over by what its channel holds."""
        taken = resume(self.texts, project or self.project)
        self.journal.session.hang_up(self.clock())
        self.journal, self.project = taken.journal, project or self.project
        self.clock.now = taken.journal.last
        self.keep()
        return taken

    @property
    def asked(self) -> Effect[Any] | None:
        return self.journal.session.asked

    @property
    def texts(self) -> list[str]:
        return [self.held[at] for at in sorted(self.held) if self.held[at]]

    def keep(self) -> None:
        self.held |= self.journal.unwritten()

    def answer(self, answer: Any) -> Effect[Any] | None:
        """Answer what is asked; return what is asked next."""
        effect = self.journal.answer(answer, self.clock())
        self.keep()
        return effect

    def cut(self, keys: str, reached: int = 0) -> Effect[Any] | None:
        """Press keys while something is said."""
        assert isinstance(self.asked, Play)
        return self.answer(Heard(keys, reached))

    def hear(self) -> Effect[Any] | None:
        """Hear it to its end."""
        assert isinstance(self.asked, Play)
        return self.answer(Heard("", len(self.asked.utterance)))

    def resume(self) -> Taken:
        """Take the call over by what its channel holds."""
        taken = resume(self.texts, self.project)
        assert not taken.lost
        return taken


def kept(*answers: Any, flow: str = FLOW) -> Kept:
    """Return a call that was answered so far; a text is keys while something is said."""
    call = Kept(load(flow))
    for answer in answers:
        call.cut(answer) if isinstance(answer, str) else call.answer(answer)
    return call


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


@pytest.mark.parametrize("typed", ["7", "73", "738"])
def test_a_secret_half_typed_is_taken_back_and_read_again(typed: str) -> None:
    call = kept("1", typed)
    assert isinstance(call.asked, Listen) and "xx"[: len(typed)] in written(call)
    assert call.go_on().unread == len(typed)
    assert isinstance(call.cut("7380"), LookUp)
    assert "xxxx" in written(call)


def test_what_was_taken_back_is_forgotten() -> None:
    call = kept("1", "73")
    before = len(call.texts)
    call.go_on()
    assert call.held[before - 1] == ""
    assert not call.go_on().unread


def test_a_secret_that_a_back_end_is_asked_with_is_read_again() -> None:
    call = kept("1", "73")
    call.answer("80")
    call.answer(Waiting())
    assert isinstance(call.asked, Play), "one moment"
    assert call.go_on().unread == 4
    asked = call.cut("7380")
    assert isinstance(asked, LookUp) and asked.arguments == {"number": "7380"}


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


def test_a_wrong_secret_was_wrong() -> None:
    call = kept("1", "1234")
    assert "1234" not in written(call)
    session = call.resume().journal.session
    assert session.asked == call.asked
    assert session.record == call.journal.session.record


@pytest.mark.parametrize("typed", ["17380", "1738", "173805"])
def test_one_typed_ahead_is_never_kept(typed: str) -> None:
    call = kept(typed)
    assert f"h1{'x' * (len(typed) - 1)}~" in written(call)


def test_one_typed_ahead_of_a_look_up_is_not_known_to_be_one_and_not_kept() -> None:
    call = kept("27380")
    assert isinstance(call.asked, LookUp)
    assert "7380" not in written(call)
    taken = call.resume()
    assert isinstance(taken.journal.session.asked, Play) and taken.unread == 5
    call.answer(Missing())
    assert isinstance(call.asked, LookUp) and "7380" not in written(call)


def test_a_key_typed_ahead_is_kept_once_it_has_answered_something_else() -> None:
    call = kept("1", "73801")
    call.answer(Missing())
    assert isinstance(call.asked, Enqueue)
    assert "xxxxx" in written(call), "what was dropped may be of a secret"


def test_a_later_look_up_with_a_secret_that_is_lost_asks_for_it_again() -> None:
    call = kept("1", "7380", Missing(), flow=FLOW.replace("missing: agent", "missing: sure"))
    asked = call.asked
    call.go_on()
    assert call.asked == asked, "she goes on where she was"
    call.cut("2")
    assert isinstance(call.asked, Play) and call.asked.prompt == "hello"
    look_up = call.cut("7390")
    assert isinstance(look_up, LookUp) and look_up.arguments == {"number": "7390"}
    assert call.resume().unread == 4


def test_nothing_that_cannot_be_undone_is_taken_back_for_a_secret() -> None:
    call = kept("1", "7380", Missing(), "3", flow=FLOW.replace("missing: agent", "missing: sure"))
    call.hear()
    assert isinstance(call.asked, Record)
    call.answer(Recorded("m.wav", 3.0, False))
    call.cut("2")
    assert isinstance(call.asked, LookUp)
    taken = call.go_on()
    assert not taken.unread
    asked = taken.journal.session.asked
    assert isinstance(asked, Play) and asked.prompt == "hello", "she is asked for it again"
    assert path(call.journal.session.record)[-2:] == ["ask", "pin"]
    assert call.go_on().journal.session.asked == asked


SUB = """
flow: f
languages: [cmn]
start: whose
nodes:
  whose: {call: ask_pin, into: pin, go: sure}
  sure: {menu: ask, keys: {1: check}, otherwise: bye}
  check: {lookup: billing.balance, using: {number: $pin}, into: a, found: bye, missing: bye,
          failed: bye}
  bye: hangup
"""
ASK = """
flow: ask_pin
languages: [cmn]
gives: pin
start: pin
nodes:
  pin: {collect: hello, digits: 4, secret: true, into: pin, go: done, otherwise: done}
  done: {say: hello}
"""


def test_a_secret_that_another_flow_gave_is_asked_for_by_that_flow() -> None:
    call = Kept(load(SUB, ASK))
    call.cut("7380")
    call.hear()
    call.go_on()
    asked = call.cut("1")
    assert isinstance(asked, Play) and call.journal.session.node == "ask_pin/pin"


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


def test_in_another_version_it_goes_as_far_as_it_fits() -> None:
    call = kept("8", "1", "1234")
    other = load(FLOW.replace("collect: hello", "collect: ask"))
    taken = call.go_on(other)
    session = taken.journal.session
    assert "does not fit" in taken.lost
    assert isinstance(session.asked, Play) and session.node == "pin"
    assert session.record.language == "yue" and session.record.version == other.version
    assert not call.go_on().lost, "what does not fit is forgotten"


def test_where_it_does_not_go_so_far_she_is_still_spoken_to_as_she_chose() -> None:
    call = kept("1", "1234", "", "8", "*")
    other = load(FLOW.replace("collect: hello", "collect: ask"))
    assert call.go_on(other).lost
    session, asked = call.journal.session, call.asked
    assert session.node == "which" and session.record.language == "yue"
    call.go_on()
    assert call.asked == asked


def test_where_nothing_fits_she_is_spoken_to_as_she_chose() -> None:
    call = kept("8", "*")
    other = load(
        FLOW.replace("start: which", "start: tell_her").replace(
            "nodes:", "nodes:\n  tell_her: {say: hello, go: which}"
        )
    )
    taken = resume(call.texts, other)
    journal = taken.journal
    assert taken.lost
    if journal.session.asked is None:
        journal.answer(None, call.clock())
    assert (journal.session.record.language, journal.session.record.speed) == ("yue", "90%")


def test_a_flow_with_a_fault_is_left_before_it() -> None:
    call = kept("1", "7380")
    call.answer(Found({"balance": Decimal("12.5")}))
    assert isinstance(call.asked, Play)
    other = load(
        FLOW.replace(
            "tell: {say: {owed: {amount: $account.balance}}",
            "tell: {say: {number_is: {number: $pin}}",
        )
    )
    taken = resume(call.texts, other)
    assert "Trouble" in taken.lost and not taken.journal.session.ended


def test_a_flow_that_is_no_more_is_told() -> None:
    with pytest.raises(KeyError):
        resume(kept().texts, load(FLOW.replace("flow: f", "flow: g")))


@pytest.mark.parametrize("head", ["", "x", "jIiI", "jWzIsMSwyLDMsNCw1LDYsNyw4XQ"])
def test_what_is_no_journal_is_unreadable(head: str) -> None:
    with pytest.raises(Unreadable):
        resume([head] if head else [], load(FLOW))


@given(st.integers(1, 5), st.text("0123456789abcz:~+-*#.x", max_size=30))
def test_what_is_spoilt_ends_it(at: int, text: str) -> None:
    call = Kept(PROJECT)
    for keys in "8", "*", "1", "7":
        call.cut(keys)
    texts = call.texts
    texts[at] = text
    session = resume(texts, PROJECT).journal.session
    assert not session.ended
    session.hang_up(call.clock())


PROJECT = load(FLOW)
ANSWERS: dict[type, Callable[[Any, Any], Any]] = {
    Play: lambda draw, play: Heard(
        keys := draw(st.text("0123789*#", max_size=5)),
        draw(st.integers(play.begin, len(play.utterance) - 1)) if keys else len(play.utterance),
    ),
    Listen: lambda draw, _: draw(st.text("0123789*#", max_size=3)),
    LookUp: lambda draw, _: draw(
        st.sampled_from([Missing(), Failed("gone"), Waiting(), Found({"balance": Decimal(12)})])
    ),
    Record: lambda draw, _: Recorded("m.wav", 3.0, draw(st.booleans())),
    Enqueue: lambda draw, _: draw(st.sampled_from([Staying(), Queued("unanswered")])),
}


@given(st.data())
def test_it_is_the_same_call_wherever_it_is_taken_over(data: st.DataObject) -> None:
    call = Kept(PROJECT)
    for _ in range(data.draw(st.integers(0, 12))):
        answer = ANSWERS.get(type(call.asked))
        if answer is None or isinstance(call.asked, HangUp):
            break
        call.answer(answer(data.draw, call.asked))
    if call.asked is None or call.journal.session.stays:
        return
    taken = call.resume()
    session = taken.journal.session
    if not taken.unread:
        assert session.asked == call.asked
        assert session.record == call.journal.session.record
    again = resume(taken.journal.texts, PROJECT)
    assert again.journal.session.asked == session.asked
    assert again.journal.session.record == session.record
