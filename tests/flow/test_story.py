"""What a caller brings along whom an agent passed on: read without trust, told without loss."""

import pytest

from ivr.flow.caller import Caller
from ivr.flow.effects import Enqueue, Queued
from ivr.flow.session import Session
from ivr.flow.story import FROM_OUTSIDE, Story, brought, channel_of, number_of, part_after
from tests.stage import START, load

CHANNEL = "1764047000.12"
FLOW = """
flow: f
languages: [cmn, yue]
speeds: [75%, 100%]
start: queue
nodes:
  queue: {queue: desk, answered: bye, unanswered: bye}
  bye: hangup
"""


def test_parts_of_a_call_are_numbered_from_the_first() -> None:
    second = part_after(CHANNEL)
    assert (second, part_after(second)) == (f"{CHANNEL}-2", f"{CHANNEL}-3")
    assert [number_of(name) for name in (CHANNEL, second, "trial")] == [1, 2, 1]
    assert {channel_of(name) for name in (CHANNEL, second)} == {CHANNEL}


def test_what_stands_on_the_channel_is_her_story() -> None:
    story = brought(CHANNEL, CHANNEL, "1001", "yue", "75", "menu>agent>queue")
    assert story == Story(CHANNEL, "1001", "yue", 75, ("menu", "agent", "queue"))


@pytest.mark.parametrize("odd", ["", "../x", "9" * 300, "${SHELL(id)}", "-1", "1764047000.13"])
def test_what_cannot_be_ours_is_left_out(odd: str) -> None:
    story = brought(CHANNEL, odd, odd, odd, odd, "")
    assert story == FROM_OUTSIDE


def test_of_a_long_way_the_last_nodes_are_brought() -> None:
    assert brought(CHANNEL, "", "", "", "", "a>" * 500 + "b").path == ("a",) * 5 + ("b",)


def test_she_goes_on_in_her_language_at_her_speed_and_with_her_way() -> None:
    story = Story(CHANNEL, "1001", "yue", 80, ("menu",))
    session = Session(load(FLOW), "f", Caller(part_after(CHANNEL), story=story), START)
    asked = session.begin(START)
    assert isinstance(asked, Enqueue)
    assert (asked.language, asked.speed, asked.path) == ("yue", 75, ("menu", "queue"))
    assert (session.record.after, session.record.passed_by) == (CHANNEL, "1001")


def test_a_language_the_flow_does_not_speak_is_left_out() -> None:
    story = Story(CHANNEL, "1001", "en")
    session = Session(load(FLOW), "f", Caller("c", story=story), START)
    session.begin(START)
    assert session.record.language == "cmn"


def test_the_record_of_one_who_is_passed_on_says_so_and_is_closed_once() -> None:
    session = Session(load(FLOW), "f", Caller(CHANNEL), START)
    session.begin(START)
    session.pass_on(START, "801", "1001", "Li Na")
    session.hang_up(START)
    record = session.record
    assert (record.outcome, record.why) == ("answered", "passed on by 1001 to 801")
    assert record.passed_to == "801"
    assert record.asked is not None
    assert (record.asked[0].outcome, record.asked[0].by) == ("answered", "Li Na")


def test_of_an_agent_who_asked_first_it_is_told_that_she_passed_her_on() -> None:
    session = Session(load(FLOW), "f", Caller(CHANNEL), START)
    session.begin(START)
    session.answer(Queued("answered", "Li Na", left=True, passed_by="1002"), START)
    assert session.record.why.endswith("served by Li Na (1002), who passed her on")
