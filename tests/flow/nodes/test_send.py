"""send: a text message in her language, in figures."""

from datetime import date
from decimal import Decimal

import pytest

from ivr.flow.services import Failed, Found, Missing
from ivr.line.script import ScriptLine
from tests.stage import Ledger, load, path, play

FLOW = """
flow: f
languages: [cmn, en]
start: a
nodes:
  a: {language: ask, keys: {1: cmn, 2: en}, go: b}
  b:
    lookup: billing.balance
    using: {number: $caller.number}
    into: x
    found: c
    missing: d
    failed: d
  c: {send: {owed: {amount: $x.balance}}, sent: sent, failed: d}
  d: hangup
  sent: hangup
"""
BALANCE = Found({"balance": Decimal("1123.50"), "expires": date(2026, 12, 31)})


@pytest.mark.parametrize(
    ("key", "text", "language"),
    [("1", "余额1123.50元。", "cmn"), ("2", "Balance CNY 1123.50.", "en")],
)
def test_a_message_is_in_her_language_and_in_figures(key: str, text: str, language: str) -> None:
    ledger = Ledger(BALANCE)
    assert path(play(load(FLOW), ScriptLine([key]), ledger=ledger))[-1] == "sent"
    assert ledger.sent == [("13800138000", text, language)]


def test_a_message_that_is_not_taken_has_failed() -> None:
    ledger = Ledger(BALANCE, Failed("it is down"))
    assert path(play(load(FLOW), ScriptLine(["1"]), ledger=ledger))[-1] == "d"


def test_it_may_go_to_another_number() -> None:
    flow = "flow: f\nlanguages: [cmn]\nstart: a\nnodes:\n  a: {send: hello, to: '1', failed: b}\n"
    ledger = Ledger(Missing())
    play(load(flow + "  b: hangup"), ScriptLine(), ledger=ledger)
    assert ledger.sent == [("1", "您好，再见。", "cmn")]
