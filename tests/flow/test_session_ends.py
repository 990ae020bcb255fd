"""A call in a flow that ends: the caller leaves, the flow goes wrong; and what its record tells."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ivr.flow.caller import Caller
from ivr.flow.effects import HangUp, Heard, Play, Queued, Waiting
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.session import Session
from ivr.flow.unwinding import Trouble
from ivr.line.script import HANG_UP, ScriptLine
from tests.flow.given import BALANCE, MENU
from tests.stage import PROMPTS, START, Ledger, load, path, play, read, shipped


def test_hanging_up_at_every_step_ends_quietly_with_a_record() -> None:
    for steps in range(12):
        keys = ["2", "1", "9", "*", "2", "5", "", "0", "1", "1", "1", "1"][:steps]
        line = ScriptLine([*keys, HANG_UP])
        record = play(shipped(), line, flow="hotline", ledger=Ledger(BALANCE))
        assert record.ended is not None
        assert record.outcome in ("abandoned", "answered", "finished")
        assert record.path[-1].left is not None


def test_silence_at_every_step_ends_with_a_person_or_a_message() -> None:
    for answer in (BALANCE, Missing(), Failed("down")):
        for steps in range(8):
            keys = ["3", "1", "1", "13800138000", "1", "2", "1", "1"][:steps]
            line = ScriptLine(keys, queued=Queued("unanswered"))
            record = play(shipped(), line, flow="hotline", ledger=Ledger(answer))
            assert record.outcome == "finished"
            assert line.reached[-1] == "hangup"


def test_a_flow_that_goes_in_circles_alone_is_ended_as_our_fault() -> None:
    circle = """
    flow: f
    languages: [cmn]
    start: a
    nodes: {a: {call: g, go: a}}
    """
    inner = "flow: g\nlanguages: [cmn]\nstart: a\nnodes: {a: {set: {x: y}}}"
    with pytest.raises(Trouble, match="round in circles"):
        play(load(circle, inner), ScriptLine([]))


def test_a_node_may_await_only_effects() -> None:
    session = Session(load(MENU), "f", Caller("c"), START)

    class Stranger:
        def send(self, _: object) -> object:
            return "no effect"

        def close(self) -> None:
            return

    session._walk.close()
    session._walk = Stranger()  # type: ignore[assignment]
    with pytest.raises(TypeError, match="only effects"):
        session.begin(START)
    assert session.record.outcome == "failed"


def test_hanging_up_twice_changes_nothing() -> None:
    session = Session(load(MENU), "f", Caller("c"), START)
    session.begin(START)
    session.hang_up(START)
    first = session.record
    session.hang_up(START, "again")
    assert session.record is first
    assert first.why == "the caller hung up in 'menu'"


def test_the_reason_of_a_hangup_is_kept() -> None:
    flow = "flow: f\nlanguages: [cmn]\nstart: a\nnodes: {a: {hangup: barred}}"
    session = Session(load(flow), "f", Caller("c"), START)
    assert session.begin(START) == HangUp("barred")
    assert session.answer(None, START) is None
    assert (session.record.outcome, session.record.why) == ("finished", "barred")


def test_what_cannot_be_said_is_told_without_its_value() -> None:
    flow = """
    flow: f
    languages: [cmn]
    start: pin
    nodes:
      pin: {collect: ask, digits: 2, secret: true, into: pin, go: tell, otherwise: tell}
      tell: {say: {owed: {amount: $pin}}}
    """
    prompts = PROMPTS.replace("{amount:money}", "{amount:phone}")
    loaded, problems = read(flow, prompts=prompts)
    assert {problem.rule for problem in problems} == {"secret-spoken", "unset-variable"}
    session = Session(loaded, "f", Caller("c"), START)
    session.begin(START)
    with pytest.raises(Trouble) as fault:
        session.answer(Heard("47", 0), START)
    assert "47" not in str(fault.value) and fault.value.__cause__ is None
    assert "47" not in session.record.model_dump_json(include={"why", "keys", "heard"})


def test_a_caller_who_leaves_in_the_queue_left_in_the_queue() -> None:
    line = ScriptLine(["0"], queued=Queued("unanswered", left=True))
    record = play(load(MENU), line)
    assert (record.outcome, record.why) == ("abandoned", "the caller hung up in 'agent'")
    served = play(load(MENU), ScriptLine(["0"], queued=Queued("answered", "1001", left=True)))
    assert served.outcome == "answered"
    assert path(served)[-1] == "agent"


@pytest.mark.parametrize(
    ("answer", "outcome", "why"),
    [
        (Found({"balance": Decimal("123.45")}), "found", ""),
        (Missing(), "missing", ""),
        (Failed("no answer"), "failed", "no answer"),
    ],
)
def test_a_look_up_is_written_down_with_its_outcome_and_never_with_what_it_told(
    answer: Found | Missing | Failed, outcome: str, why: str
) -> None:
    flow = """
    flow: f
    languages: [cmn]
    start: find
    nodes:
      find:
        lookup: billing.balance
        using: {number: $caller.number}
        into: account
        found: bye
        missing: bye
        failed: bye
      bye: hangup
    """
    session = Session(load(flow), "f", Caller("c", "13800138000"), START)
    session.begin(START)
    said = session.answer(Waiting(), START + timedelta(seconds=1.5))
    assert isinstance(said, Play)
    session.answer(Heard("", len(said.utterance)), START + timedelta(seconds=3))
    session.answer(answer, START + timedelta(seconds=8))
    (asked,) = session.record.asked or ()
    assert (asked.what, asked.of, asked.outcome, asked.why, asked.node) == (
        "lookup", "billing.balance", outcome, why, "find",
    )  # fmt: skip
    assert (asked.from_ms, asked.to_ms, asked.left) == (0, 8000, False)
    assert "123.45" not in session.record.model_dump_json()


def test_what_she_was_hearing_when_she_hung_up_is_in_the_record() -> None:
    session = Session(load(MENU), "f", Caller("c"), START)
    session.begin(START)
    session.hang_up(START + timedelta(seconds=0.5))
    (heard,) = session.record.heard
    assert (heard.prompt, heard.text, heard.finished, heard.cut_at) == ("ask", "请按一", False, 0)
    assert heard.to_ms == 500


def test_the_queue_she_left_and_who_served_her_are_in_the_record() -> None:
    record = play(load(MENU), ScriptLine(["0"], queued=Queued("answered", "1001", left=True)))
    (asked,) = record.asked or ()
    assert (asked.what, asked.of, asked.outcome, asked.by, asked.left) == (
        "queue", "desk", "answered", "1001", True,
    )  # fmt: skip
