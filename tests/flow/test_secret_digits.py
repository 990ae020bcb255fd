"""The digits of a secret are written nowhere, also where they come at the wrong moment."""

import pytest

from ivr.flow.caller import Caller
from ivr.flow.effects import LookUp, Play
from ivr.flow.services import Found
from ivr.flow.session import Session
from tests.flow.teller import Teller
from tests.stage import START, load

FLOW = """
flow: f
languages: [cmn, en]
start: which
anywhere: {"*": slower, 8: language, 9: again, 0: agent}
nodes:
  which: {menu: ask, keys: {1: pin}, otherwise: agent}
  pin: {collect: hello, digits: 4, secret: true, into: pin, go: ask, otherwise: agent}
  ask:
    lookup: billing.balance
    using: {number: $pin}
    into: account
    found: tell
    missing: agent
    failed: agent
  tell: {say: hello, go: sure}
  sure: {menu: ask, keys: {1: agent}, otherwise: agent}
  agent: {queue: desk, unanswered: bye}
  bye: hangup
"""


def caller() -> Teller:
    teller = Teller(Session(load(FLOW), "f", Caller("c1", "13800138000", "10086"), START))
    teller.cut("1", 0)
    return teller


def written(teller: Teller) -> str:
    teller.session.hang_up(teller.clock())
    return "".join(press.key for press in teller.session.record.keys)


def test_digits_typed_while_she_is_told_that_they_are_wrong_are_secret() -> None:
    teller = caller()
    teller.cut("73", 0)
    teller.press("")  # too slow
    teller.cut("80", 0)
    assert written(teller) == "1••••"


def test_how_it_is_said_may_still_be_changed_and_that_is_written() -> None:
    teller = caller()
    teller.cut("*", 0)
    assert teller.speed == 90
    assert written(teller) == "1*"


@pytest.mark.parametrize("extra", ["7", "0", "1"])
def test_a_digit_too_many_is_secret(extra: str) -> None:
    teller = caller()
    teller.cut("7380" + extra, 0)
    teller.answer(Found({}))
    assert written(teller) == "1•••••"


@pytest.mark.parametrize("extra", ["7", "0", "1"])
def test_so_is_one_that_came_during_the_look_up(extra: str) -> None:
    teller = caller()
    teller.cut("7380", 0)
    assert isinstance(teller.effect, LookUp)
    teller.answer(Found({}))
    teller.cut(extra, 0)
    assert written(teller) == "1•••••"


def test_one_typed_ahead_with_the_choice_before_it_is_secret_too() -> None:
    session = Session(load(FLOW), "f", Caller("c1", "13800138000", "10086"), START)
    teller = Teller(session)
    teller.cut("173805", 0)
    teller.answer(Found({}))
    assert written(teller) == "1•••••"


def test_the_answer_to_the_next_question_is_written() -> None:
    teller = caller()
    teller.cut("7380", 0)
    teller.answer(Found({}))
    teller.hear()
    teller.clock.now += teller.clock.now - START  # it takes its time
    assert isinstance(teller.effect, Play)
    teller.cut("1", 0)
    assert written(teller) == "1••••1"
