"""Announcements in a call: at their place, once, in words she understands, at her speed."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from ivr.flow.announcement import Announcement
from ivr.flow.fields import PromptName
from ivr.flow.prompts import plain
from ivr.flow.record import CallRecord
from ivr.line.ports import Announcer
from ivr.line.script import ScriptLine
from tests.stage import START, load, path, play

HOUR = timedelta(hours=1)
LANGUAGES = ("cmn", "yue", "en")
OUTAGE = {"cmn": "网络故障，正在抢修。", "en": "The network is down, we are on it."}
FLOW = """
flow: f
languages: [cmn, yue, en]
speeds: [75%, 100%]
start: welcome
anywhere: {"*": slower, 8: language, 9: again, 0: bye}
nodes:
  welcome: {language: ask, keys: {1: cmn, 2: yue, 3: en}, tries: 1, go: notices}
  notices: {announcements: hotline, go: inner}
  inner: {call: g, go: menu}
  menu: {menu: ask, keys: {1: notices}, otherwise: bye, tries: 1}
  bye: hangup
"""
INNER = """
flow: g
languages: [cmn, yue, en]
start: notices
nodes:
  notices: {announcements: hotline}
"""


def announcement(number: int, said: Mapping[str, str], *places: str) -> Announcement:
    """An announcement at some places, for an hour from the start of the call."""
    words = {language: plain(text, language) for language, text in said.items()}
    name, where = PromptName(f"announcement {number}"), frozenset(places or {"hotline"})
    return Announcement(name, {}, where, words, START, START + HOUR)


def announcing(*announcements: Announcement) -> Announcer:
    return lambda place: tuple(x for x in announcements if place in x.places)


def call(line: ScriptLine, *announcements: Announcement) -> CallRecord:
    return play(load(FLOW, INNER), line, announced=announcing(*announcements))


def told(record: CallRecord) -> list[str]:
    """What was announced in a call, as it was heard."""
    return [h.text for h in record.heard if (h.prompt or "").startswith("announcement")]


def test_it_is_said_once_in_a_call_however_often_she_comes_by() -> None:
    line = ScriptLine(["1", "-", "1", "-"])
    record = call(line, announcement(1, OUTAGE))
    assert path(record).count("notices") == 2 and "g/notices" in path(record)
    assert told(record) == ["网络故障，正在抢修。"]


def test_nothing_announced_is_nothing_heard() -> None:
    record = call(ScriptLine(["1"]), announcement(1, OUTAGE, "elsewhere"))
    assert told(record) == [] and path(record)[1:5] == ["notices", "inner", "g/notices", "menu"]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ({"cmn": "请稍候。", "en": "One moment."}, "One moment."),
        ({"cmn": "请稍候。"}, "请稍候。"),
        ({"yue": "等等。", "cmn": "请稍候。"}, "请稍候。"),
        ({"yue": "等等。"}, "等等。"),
    ],
)
def test_who_has_no_words_in_her_language_hears_the_first_of_the_flow(
    said: Mapping[str, str], heard: str
) -> None:
    record = call(ScriptLine(["3"]), announcement(1, said))
    (told,) = (h for h in record.heard if h.prompt == "announcement 1")
    assert told.text == heard
    assert told.language == next(language for language, text in said.items() if text == heard)
    assert record.language == "en"


def test_words_that_no_language_of_the_flow_has_are_not_said() -> None:
    assert announcement(1, {"en": "Hello."}).language("cmn", ("cmn", "yue")) is None
    only = load("flow: f\nlanguages: [cmn]\nstart: a\nnodes:\n  a: {announcements: hotline}")
    line = ScriptLine()
    play(only, line, announced=announcing(announcement(1, {"en": "Hello."})))
    assert line.heard == []


def test_a_key_of_a_later_question_ends_it_and_answers_that_question() -> None:
    record = call(ScriptLine(["1", "5", "-"]), announcement(1, OUTAGE), announcement(2, OUTAGE))
    assert told(record) == ["网络故障，正在抢修。"] * 2
    assert [(h.prompt, h.cut_at) for h in record.heard[1:3]] == [
        ("announcement 1", 1),
        ("announcement 2", None),  # at the next place: here the key ended what is announced
    ]
    assert [step.node for step in record.path if "notices" in step.node] == ["notices", "g/notices"]
    assert record.heard[3].prompt == "wrong_key"


def test_a_key_typed_ahead_skips_it_and_it_is_still_to_be_said() -> None:
    record = call(ScriptLine(["11", "-", "-"]), announcement(1, OUTAGE))
    assert path(record)[:5] == ["welcome", "notices", "inner", "g/notices", "menu"]
    assert told(record) == ["网络故障，正在抢修。"]


def test_speed_language_and_again_work_on_it() -> None:
    record = call(ScriptLine(["1", "*", "8", "9", "-", "-"]), announcement(1, OUTAGE))
    heard = [(h.text, h.language, h.speed) for h in record.heard if h.prompt == "announcement 1"]
    assert heard == [
        ("网络故障，正在抢修。", "cmn", "100%"),
        ("正在抢修。", "cmn", "75%"),
        ("正在抢修。", "cmn", "75%"),  # yue has no words of it
        ("网络故障，正在抢修。", "cmn", "75%"),
    ]
    assert record.language == "yue"


def test_a_language_key_goes_on_at_the_same_place_of_it() -> None:
    record = call(ScriptLine(["1", "8", "8", "-"]), announcement(1, OUTAGE))
    heard = [(h.text, h.language) for h in record.heard if h.prompt == "announcement 1"]
    assert heard == [
        ("网络故障，正在抢修。", "cmn"),
        ("正在抢修。", "cmn"),
        ("we are on it.", "en"),
    ]


def test_a_key_that_leads_away_leaves_it() -> None:
    assert path(call(ScriptLine(["1", "0"]), announcement(1, OUTAGE)))[-2:] == ["notices", "bye"]


def test_it_is_on_from_its_beginning_until_its_end() -> None:
    one = announcement(1, OUTAGE)
    moments = (START - HOUR / 60, START, START + HOUR / 2, START + HOUR)
    assert [one.is_on("hotline", now) for now in moments] == [False, True, True, False]
    assert not one.is_on("elsewhere", START)
