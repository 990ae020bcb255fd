"""Digits that are checked as they are typed."""

from typing import get_args

import pytest

from ivr.flow.checks import CHECKS
from ivr.flow.nodes.collect import Collect
from ivr.flow.services import Missing
from ivr.line.script import ScriptLine
from tests.stage import Ledger, load, path, play, read

FLOW = """
flow: f
languages: [cmn]
start: card
anywhere: {"*": slower, "#": faster}
nodes:
  card: {collect: ask, digits: 2-20, check: CHECK, into: card, go: find, otherwise: bye}
  find:
    lookup: billing.balance
    using: {number: $card}
    into: account
    found: bye
    missing: bye
    failed: bye
  bye: hangup
"""


@pytest.mark.parametrize(
    ("check", "typed", "kept"),
    [
        ("id_card", "11010519491231002*#", "11010519491231002X"),
        ("id_card", "440524188001010014#", "440524188001010014"),
        ("luhn", "79927398713#", "79927398713"),
    ],
)
def test_what_is_right_is_kept_as_it_is_meant(check: str, typed: str, kept: str) -> None:
    ledger = Ledger(Missing())
    # The closing key comes by itself, when the digits are typed.
    keys = [typed[:-1], typed[-1]]
    play(load(FLOW.replace("CHECK", check)), ScriptLine(keys), ledger=ledger)
    assert ledger.asked == [("billing.balance", {"number": kept})]


@pytest.mark.parametrize(
    ("check", "typed"), [("id_card", "110105194912310021"), ("luhn", "79927398710")]
)
def test_a_slip_is_told_and_typed_again(check: str, typed: str) -> None:
    line = ScriptLine([typed, "#"])
    record = play(load(FLOW.replace("CHECK", check)), line)
    assert "不是。" in line.heard
    assert path(record) == ["card", "bye"]


@pytest.mark.parametrize(
    ("field", "complaint"),
    [
        ("until: '*'", "* is typed for X here"),
        ("confirm: number_is", "cannot be read back as digits"),
    ],
)
def test_an_identity_card_has_an_x_that_is_no_digit(field: str, complaint: str) -> None:
    _, problems = read(FLOW.replace("CHECK", f"id_card, {field}"))
    assert any(complaint in problem.message for problem in problems)


def test_too_few_digits_for_a_check_are_told() -> None:
    _, problems = read(FLOW.replace("2-20, check: CHECK", "6, check: id_card"))
    assert any("has 18 digits: digits: 18" in problem.message for problem in problems)


def test_every_check_can_be_asked_for() -> None:
    names, _ = get_args(Collect.model_fields["check"].annotation)
    assert set(get_args(names)) == set(CHECKS)
