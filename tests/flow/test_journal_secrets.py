"""A secret is never kept: who is led on types it again."""

from __future__ import annotations

import pytest

from ivr.flow.effects import (
    Enqueue,
    Listen,
    LookUp,
    Play,
    Record,
    Recorded,
    Waiting,
)
from ivr.flow.services import Missing
from tests.flow.kept import FLOW, Kept, kept
from tests.flow.test_journal import written
from tests.stage import load, path


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
