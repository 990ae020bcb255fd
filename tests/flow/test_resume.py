"""A call led on in another version, or with what is no journal."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.effects import (
    Enqueue,
    HangUp,
    Heard,
    Listen,
    LookUp,
    Play,
    Queued,
    Record,
    Recorded,
    Staying,
    Waiting,
)
from ivr.flow.packing import Unreadable
from ivr.flow.resume import resume
from ivr.flow.services import Failed, Found, Missing
from tests.flow.kept import FLOW, Kept, kept
from tests.stage import load


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
