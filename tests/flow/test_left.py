"""The record of a call that nobody led as she hung up, by what the switch kept of it."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.flow.caller import Caller
from ivr.flow.effects import Heard, Queued
from ivr.flow.journal import Journal
from ivr.flow.left import Left
from ivr.flow.opening import Opening
from ivr.flow.packing import Unreadable
from tests.flow.kept import FLOW
from tests.stage import START, Clock, load, path

PROJECT = load(
    FLOW.replace("while_waiting: wait, every: 10s, ", "").replace("  wait: {say: hello}\n", "")
)


def kept(*answers: Any, wait: str = "||") -> str:
    clock = Clock()
    journal = Journal.begin(Opening("f", "v", Caller("1.1", "13800138000"), START), PROJECT)
    for answer in (None, *answers):
        journal.answer(answer, clock())
    journal.session.hang_up(clock())
    later = round(START.timestamp()) + 60
    return "|".join([f"2|{later}|1.9.1.0.0.0.|{wait}", *journal.texts])


def test_she_hung_up_where_she_was() -> None:
    record = Left.read(kept(Heard("*", 0), Heard("1", 0))).record(PROJECT)
    assert (record.outcome, record.why) == ("abandoned", "the caller hung up in 'pin'")
    assert path(record) == ["which", "pin"] and record.speed == "90%"
    assert record.ended is not None and (record.ended - START).seconds == 60


def test_while_she_waited() -> None:
    (asked,) = Left.read(kept(Heard("0", 0))).record(PROJECT).asked or ()
    assert (asked.what, asked.left, asked.by) == ("queue", True, "")
    assert asked.to_ms == 60_000


def test_while_she_talked() -> None:
    record = Left.read(kept(Heard("0", 0), wait="|陈|12000")).record(PROJECT)
    (asked,) = record.asked or ()
    assert (record.outcome, asked.by, asked.talked_ms) == ("answered", "陈", 12_000)


@pytest.mark.parametrize("agent", ["陈", ""])
def test_no_controller_could_lead_her_on(agent: str) -> None:
    record = Left.read(kept(Heard("*", 0), wait=f"service|{agent}|12000")).record(PROJECT)
    told = (
        f"no controller could lead her on in 'which': {agent or 'nobody'} answered her at 'service'"
    )
    assert (record.outcome, record.why) == ("failed", told)


def test_she_had_come_to_the_end() -> None:
    ended = kept(Heard("0", 0), Queued("unanswered"))
    assert Left.read(ended).record(PROJECT).outcome == "finished"


def test_what_was_cut_off_is_left_out() -> None:
    whole = kept(Heard("*", 0), Heard("1", 0))
    record = Left.read(whole[:-2]).record(PROJECT)
    assert path(record) == ["which"] and record.outcome == "abandoned"


@pytest.mark.parametrize("text", ["", "2|x|||||a", "1|1|||||a", "2|1|||||", "2|1|||||\n"])
def test_what_is_nothing_of_a_call_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        Left.read(text).record(PROJECT)
