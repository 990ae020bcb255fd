"""Staying: a walk while she waits, what ends it, what takes her out of the queue."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.flow.caller import Caller
from ivr.flow.effects import (
    Announced,
    Book,
    Booked,
    Effect,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Interrupted,
    Listen,
    LookAhead,
    Offered,
    Play,
    Queued,
    Record,
    Staying,
)
from ivr.flow.outlook import LONG, Outlook
from ivr.flow.session import Session
from ivr.flow.speech import text_of
from ivr.flow.stay import spoken, told
from tests.stage import START, Clock, load, path

FLOW = """
flow: f
languages: [cmn, en]
start: queue
anywhere: {8: language, 0: agent}
nodes:
  agent: {say: hello, go: queue}
  queue: {queue: desk, while_waiting: wait, every: 10s, answered: bye, unanswered: nobody}
  wait: {branch: $waiting.known, cases: {nothing: offer}, otherwise: place}
  place: {say: {number_is: {number: $waiting.place}}, go: offer}
  offer: {menu: ask, keys: {1: message, 2: book, 3: queue}, otherwise: queue, tries: 1}
  message: {record: hello, into: message, go: bye, silent: bye}
  book: {callback: desk, promised: bye, declined: queue, impossible: queue}
  nobody: {say: hello}
  bye: hangup
"""


class Walk:
    """A session whose effects are answered one by one."""

    def __init__(self, flow: str = FLOW) -> None:
        self.clock = Clock()
        project = load(flow)
        self.session = Session(project, "f", Caller("c1", "13800138000"), START)
        self.asked: Effect[Any] | None = self.session.begin(self.clock())

    def answer(self, answer: Any) -> Effect[Any] | None:
        """Answer what is asked; return what is asked next."""
        self.asked = self.session.answer(answer, self.clock())
        return self.asked

    def wait(self, place: int | None = 2) -> None:
        """Come to the first words she hears while she waits."""
        assert isinstance(self.asked, Enqueue) and self.asked.stays
        assert self.answer(Staying()) == Listen(1.0, rests=True)
        assert self.answer("") == LookAhead()
        self.answer(None if place is None else Outlook(place))

    def say(self, keys: str = "") -> str:
        """Let her hear what is said, and press keys at its last words; return it."""
        assert isinstance(self.asked, Play)
        said = self.asked
        self.answer(Heard(keys, len(said.utterance) - bool(keys)))
        return text_of(said.utterance)


def test_she_hears_her_place_and_the_walk_begins_again_after_some_music() -> None:
    walk = Walk()
    walk.wait()
    assert [walk.say(), walk.say()] == ["是二。", "请按一。"]
    assert isinstance(walk.asked, Listen) and not walk.asked.rests
    walk.answer("")
    assert walk.say() == "没有。"
    rests = 0
    while isinstance(walk.asked, Listen) and walk.asked.rests:
        rests += 1
        walk.answer("")
    assert rests == 10
    walk.answer(Outlook(1))
    assert walk.say() == "是幺。"
    assert path(walk.session.record)[:5] == ["queue", "wait", "place", "offer", "queue"]


def test_what_is_not_known_is_not_told() -> None:
    walk = Walk()
    walk.wait(place=None)
    assert walk.say() == "请按一。"


def test_an_agent_ends_it_at_any_word_and_the_keys_are_kept() -> None:
    walk = Walk()
    walk.wait()
    assert walk.answer(Interrupted(Heard("7", 0))) == EndWait()
    assert walk.answer(Queued("answered", "1001", talked=9)) == HangUp("the flow ended the call")
    walk.answer(None)
    record = walk.session.record
    assert (record.outcome, [key.key for key in record.keys]) == ("answered", ["7"])
    assert path(record)[-2:] == ["queue", "bye"]
    (asked,) = record.asked or ()
    assert (asked.what, asked.outcome, asked.by, asked.node) == (
        "queue",
        "answered",
        "1001",
        "queue",
    )
    assert record.heard[0].cut_at == 0


def test_nobody_answers_and_the_flow_goes_on() -> None:
    walk = Walk()
    walk.wait()
    walk.answer(Interrupted(Heard("", 0)))
    walk.answer(Queued("unanswered"))
    assert walk.say() == "您好，再见。"


def test_what_needs_her_line_takes_her_out_of_the_queue_first() -> None:
    walk = Walk()
    walk.wait()
    walk.say()
    walk.say("1")
    assert walk.say() == "您好，再见。"
    assert walk.asked == EndWait(leaves=True)
    assert isinstance(walk.answer(Queued("left")), Record)
    asked = walk.session.record.asked or ()
    assert [(each.what, each.outcome, each.node) for each in asked] == [("queue", "left", "queue")]


def test_an_agent_who_is_quicker_serves_her_and_nothing_else_is_done() -> None:
    walk = Walk()
    walk.wait()
    walk.say()
    walk.say("1")
    walk.say()
    walk.answer(Queued("answered", "1001"))
    assert isinstance(walk.asked, HangUp)
    assert path(walk.session.record)[-2:] == ["queue", "bye"]


def test_a_call_back_is_booked_only_when_she_has_left() -> None:
    walk = Walk()
    walk.wait()
    walk.say()
    walk.say("2")
    assert isinstance(walk.asked, Book) and not walk.asked.number
    walk.answer(Offered(START, "13800138000"))
    walk.say("1")
    leaves: Effect[Any] | None = walk.asked
    assert leaves == EndWait(leaves=True)
    assert walk.answer(Queued("left")) == Book("desk", "13800138000", "cmn")
    walk.answer(Booked(START))
    walk.say()
    assert isinstance(walk.asked, HangUp)


def test_the_language_changes_in_the_middle_and_a_zero_means_stay() -> None:
    walk = Walk()
    walk.wait()
    assert isinstance(walk.asked, Play)
    walk.answer(Heard("8", 0))
    assert walk.say() == "It is two."
    assert walk.say("0") == "Press one."
    assert walk.say() == "Hello, goodbye."
    assert isinstance(walk.asked, Listen) and walk.asked.rests


def test_a_key_in_the_music_begins_the_walk_and_answers_it_at_once() -> None:
    walk = Walk()
    assert walk.answer(Staying()) == Listen(1.0, rests=True)
    walk.answer("1")
    walk.answer(Outlook(4))
    assert walk.say() == "您好，再见。"
    assert walk.asked == EndWait(leaves=True)


def test_who_hangs_up_while_she_is_told_something_has_waited_in_vain() -> None:
    walk = Walk()
    walk.wait()
    walk.session.hang_up(walk.clock())
    (asked,) = walk.session.record.asked or ()
    assert (asked.what, asked.outcome, asked.left) == ("queue", "", True)
    assert walk.session.record.outcome == "abandoned"


def test_who_hangs_up_before_the_queue_lets_her_go_is_written_down_once() -> None:
    walk = Walk()
    walk.wait()
    walk.answer(Interrupted(Heard("", 0)))
    assert walk.answer(Queued("unanswered", left=True)) is None
    assert len(walk.session.record.asked or ()) == 1


def test_what_is_announced_is_asked_for_in_the_music() -> None:
    walk = Walk(FLOW.replace("agent: {say: hello", "agent: {announcements: hall"))
    assert walk.answer(Staying()) == Announced("hall")
    assert walk.answer(()) == Listen(1.0, rests=True)


def test_who_is_in_the_queue_a_whole_hour_is_no_circle() -> None:
    walk = Walk(FLOW.replace("start: queue", "speeds: [100%]\nstart: queue"))
    walk.answer(Staying())
    for _ in range(2000):
        answers = {LookAhead: Outlook(1), Listen: "", Announced: ()}
        asked = walk.asked
        walk.answer(Heard("", 99) if isinstance(asked, Play) else answers[type(asked)])
    assert not walk.session.ended


INNER = """
flow: g
languages: [cmn, en]
outcomes: [done]
start: queue
nodes:
  queue: {queue: desk, while_waiting: offer, answered: done, unanswered: done}
  offer: {menu: ask, keys: {1: done}, otherwise: queue}
"""
OUTER = """
flow: f
languages: [cmn, en]
start: inner
anywhere: {0: out}
nodes:
  inner: {call: g, done: out, go: out}
  out: hangup
"""


@pytest.mark.parametrize("key", ["1", "0"])
def test_who_leaves_a_flow_leaves_the_queue(key: str) -> None:
    clock = Clock()
    session = Session(load(OUTER, INNER), "f", Caller("c1"), START)
    session.begin(clock())
    for answer in (Staying(), "", None):
        session.answer(answer, clock())
    assert session.answer(Heard(key, 0), clock()) == EndWait(leaves=True)
    assert isinstance(session.answer(Queued("left"), clock()), HangUp)


def test_a_wait_is_told_in_minutes_and_never_as_none() -> None:
    waits = {0.0: "1m", 59: "1m", 61: "2m", 600: "10m", 601: "15m", 1800: "30m", 1801: "35m"}
    assert {seconds: spoken(seconds) for seconds in waits} == waits
    assert told(None) == {"known": "nothing", "longer": "no"}
    assert told(Outlook(3)) == {"known": "place", "place": "3", "longer": "no"}
    longer = {"known": "wait", "place": "3", "wait": "4m", "longer": "yes"}
    assert told(Outlook(3, 200.0, longer=True)) == longer
    assert told(Outlook(9, LONG)) == {"known": "long", "place": "9", "longer": "no"}
