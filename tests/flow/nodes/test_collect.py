"""collect: what is typed is checked, kept as what it is, read back as what it is."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ivr.flow.services import Missing
from ivr.flow.unwinding import Trouble
from ivr.line.script import SILENCE, ScriptLine
from tests.stage import PROMPTS, Ledger, load, path, play, read

SAID = """
day_is: {cmn: '是{number:date}。'}
sum_is: {cmn: '是{number:money}。'}
ends_in: {cmn: '是{number:tail}。'}
"""


def flow(fields: str, after: str = "hangup") -> str:
    return f"""
    flow: f
    languages: [cmn]
    start: a
    nodes:
      a: {{collect: ask, {fields}, into: x, go: b, otherwise: c}}
      b: {after}
      c: hangup
    """


ASKED = "{lookup: billing.balance, using: {number: $x}, into: y, found: c, missing: c, failed: c}"


def kept(fields: str, *keys: str) -> Any:
    """Return what a back end is told of what was typed, None where it was not kept."""
    ledger = Ledger(Missing())
    play(load(flow(fields, ASKED)), ScriptLine(keys), ledger=ledger)
    return ledger.asked[0][1]["number"] if ledger.asked else None


@pytest.mark.parametrize(
    ("fields", "keys", "value"),
    [
        ("digits: 4", "1234", "1234"),
        ("check: phone", "13800138000", "13800138000"),
        ("check: date", "20261231", "2026-12-31"),
        ("check: amount", "12*5#", "12.50"),
        ("check: id_card", "11010519491231002*", "11010519491231002X"),
        ("check: luhn", "79927398713#", "79927398713"),
        ("check: luhn, digits: 16", "4111111111111111", "4111111111111111"),
        ('pattern: "400xxxx"', "4001234", "4001234"),
        ("check: date", "20260231", None),
        ("check: luhn, digits: 16", "79927398713#", None),
        ('pattern: "400xxxx"', "8001234", None),
        ("check: amount", "12**#", None),
    ],
)
def test_what_is_typed_is_kept_as_what_it_is(fields: str, keys: str, value: str | None) -> None:
    assert kept(f"{fields}, tries: 1", keys) == value


@pytest.mark.parametrize(
    ("fields", "keys", "said"),
    [
        ("check: date, confirm: day_is", "20261231", "是二零二六年十二月三十一日。"),
        ("check: amount, confirm: sum_is", "12*5#", "是十二元五角。"),
        ("check: id_card, confirm: ends_in", "11010519491231002*", "是尾号零零二X。"),
        ("digits: 3, confirm: number_is", "123", "是幺二三。"),
    ],
)
def test_it_is_read_back_as_what_it_is(fields: str, keys: str, said: str) -> None:
    loaded, problems = read(flow(fields), prompts=PROMPTS + SAID)
    assert not problems
    line = ScriptLine([keys, "1"])
    assert path(play(loaded, line))[-1] == "b"
    assert said in line.heard


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("check: date, digits: 6", "date has 8 digits"),
        ("check: luhn, digits: 4", "luhn has 8-19 digits"),
        ('check: amount, until: "*"', "the * is the decimal point here"),
        ('check: id_card, until: "*"', "the * is X here"),
        ('check: phone, pattern: "138x"', "leave one of them out"),
        ("tries: 2", "needs 'digits'"),
        ('pattern: "1.*"', "x for any digit"),
        ("check: phon", "did you mean 'phone'"),
        ("digits: 4, secret: true, confirm: number_is", "a secret cannot be read back"),
        ("check: date, confirm: number_is", "must read {number:date} or {number:weekday} back"),
        ("check: amount, confirm: number_is", "must read {number:money} or {number:number} back"),
        ("check: id_card, confirm: number_is", "must read {number:tail} back"),
    ],
)
def test_what_does_not_go_together_is_told(fields: str, told: str) -> None:
    assert told in "\n".join(map(str, read(flow(fields))[1]))


def test_a_date_and_an_amount_can_be_said_afterwards() -> None:
    for fields, keys, value in (
        ("check: date", "20261231", date(2026, 12, 31)),
        ("check: amount", "8*5#", Decimal("8.50")),
    ):
        kind = "date" if isinstance(value, date) else "money"
        texts = PROMPTS + f"tell: {{cmn: '{{it:{kind}}}。'}}\n"
        loaded, problems = read(flow(fields, "{say: {tell: {it: $x}}}"), prompts=texts)
        assert not problems
        assert play(loaded, ScriptLine([keys])).outcome == "finished"


def test_wrong_digits_and_silence_have_texts_of_the_authors_own() -> None:
    line = ScriptLine(["1#", SILENCE, SILENCE])
    play(load(flow("digits: 4, wrong: hello, silent: ask_short, tries: 2")), line)
    assert line.heard == ["请按一。", "您好，再见。", "请按一。", "一。"]


SECRET = "digits: 6, secret: true"


def test_a_secret_is_told_to_a_back_end_alone() -> None:
    assert kept(SECRET, "770311") == "770311"


def test_a_secret_is_never_said_and_no_fault_tells_it() -> None:
    loaded, _ = read(flow(SECRET, "{say: {number_is: {number: $x}}}"))
    with pytest.raises(Trouble, match="would tell a secret") as told:
        play(loaded, ScriptLine(["770311"]))
    assert "770311" not in str(told.value)


@pytest.mark.parametrize(
    "leaks",
    [
        "{dial: $x, busy: c, unanswered: c, failed: c}",
        "{send: hello, to: $x, sent: c, failed: c}",
        '{branch: $x, cases: {"770311": c}, otherwise: c}',
        "{set: {y: $x}, go: c}",
    ],
)
def test_a_secret_goes_nowhere_else(leaks: str) -> None:
    line, ledger = ScriptLine(["770311"]), Ledger(Missing())
    record = play(read(flow(SECRET, leaks))[0], line, ledger=ledger)
    assert record.outcome == "finished"
    assert "770311" not in f"{record} {line.reached} {ledger.sent} {line.heard}"
