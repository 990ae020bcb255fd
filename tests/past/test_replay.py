"""A call that was, on another version of its flow."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ivr.flow.effects import Queued
from ivr.flow.record import SECRET, CallRecord
from ivr.flow.services import Failed, Found, Missing
from ivr.line.script import ScriptLine
from ivr.past.moments import is_deaf
from ivr.past.parting import Replayed, end, nodes
from ivr.past.replay import replay
from ivr.past.turns import too_poor, turns
from ivr.past.world import SAMPLES
from tests.flow.given import BALANCE
from tests.stage import FORGIVEN, PROMPTS, Ledger, load, play, read, shipped
from tests.trial import scenes

SHIPPED = shipped()
QUEUED = [
    Queued("answered", "1001"),
    Queued("unanswered"),
    Queued("answered", "1001", left=True),
    Queued("unanswered", left=True),
]
KEYS = ["1", "2", "3", "0", "*", "#", "9", "8", "7", "-", "13800138000", "hangup"]

FLOW = """
flow: f
languages: [cmn]
start: menu
anywhere: {"*": slower, 0: agent}
nodes:
  menu: {menu: ask, keys: {1: find, 2: agent}, otherwise: agent}
  find:
    lookup: billing.balance
    using: {number: $caller.number}
    into: account
    found: tell
    missing: agent
    failed: sorry
  tell: {say: {owed: {amount: $account.balance}}, go: menu}
  sorry: {say: hello, go: agent}
  agent: {queue: desk, unanswered: bye}
  bye: hangup
"""


class Carrier:
    """A back end that knows everything, or answers everything alike."""

    def __init__(self, always: Missing | Failed | None) -> None:
        self._always = always

    async def look_up(
        self, name: str, arguments: Mapping[str, str], key: str
    ) -> Found | Missing | Failed:
        gives = SHIPPED.services.lookups[name].gives
        return self._always or Found({field: SAMPLES[kind] for field, kind in gives.items()})

    async def send(self, to: str, text: str, language: str, key: str) -> Failed | None:
        return Failed("no") if self._always else None


def call(*keys: str, answer: Found | Missing | Failed = BALANCE, flow: str = FLOW) -> CallRecord:
    return play(load(flow), ScriptLine(keys), ledger=Ledger(answer))


def prompts(record: CallRecord) -> list[str | None]:
    """Return what was said; a prompt that went on after a key counts once."""
    return [prompt for prompt, _ in groupby(record.heard, lambda heard: heard.prompt)]


def on(record: CallRecord, *changes: tuple[str, str], prompts: str = PROMPTS) -> Replayed:
    """Replay a call on the flow with some of its text changed."""
    text = FLOW
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    draft, problems = read(text, prompts=prompts)
    assert all(problem.rule in FORGIVEN for problem in problems), problems
    return replay(record, draft)


def went(
    keys: list[str], queued: Queued, answer: Missing | Failed | None, caller: str
) -> CallRecord:
    """Return the record of a call to the shipped hotline."""
    line, knows = ScriptLine(keys, queued=queued), Carrier(answer)
    return play(SHIPPED, line, flow="hotline", caller=caller, ledger=knows)


@given(
    st.lists(st.sampled_from(KEYS), max_size=9),
    st.sampled_from(QUEUED),
    st.sampled_from([None, Missing(), Failed("no answer")]),
    st.sampled_from(["", "13800138000"]),
)
def test_on_its_own_flow_a_call_goes_as_it_went(
    keys: list[str], queued: Queued, answer: Missing | Failed | None, caller: str
) -> None:
    record = went(keys, queued, answer, caller)
    # Of a secret nobody knows the digits: other ones may be right, or lead elsewhere.
    assume(all(key.key != SECRET or is_deaf(record, key.node) for key in record.keys))
    again = replay(record, SHIPPED)
    assert nodes(again.now) == nodes(record) and end(again.now) == end(record)
    assert prompts(again.now) == prompts(record)
    assert not again.assumed


def test_a_key_that_leads_elsewhere_now_parts_them_there() -> None:
    again = on(call("1", "hangup"), ("keys: {1: find, 2: agent}", "keys: {2: find, 1: agent}"))
    assert (again.parting, again.ends_elsewhere) == (1, True)
    assert (nodes(again.then)[1], nodes(again.now)[1]) == ("find", "agent")


def test_a_longer_text_does_not_shift_her_keys() -> None:
    longer = PROMPTS.replace("请按一。", "您好，欢迎您来电，今天天气很好，请按一。")
    again = on(call("-", "1", "hangup"), prompts=longer)
    assert (again.parting, again.ends_elsewhere) == (None, False)


def test_a_prompt_put_in_front_is_heard_and_her_keys_come_where_they_came() -> None:
    again = on(
        call("1", "hangup"),
        ("start: menu", "start: news"),
        ("nodes:", "nodes:\n  news: {say: ask_short, go: menu}"),
    )
    assert nodes(again.now) == ["news", *nodes(again.then)]
    assert [h.prompt for h in again.now.heard][:2] == ["ask_short", "ask"]
    assert again.now.heard[0].finished and not again.ends_elsewhere


def test_a_prompt_by_another_name_is_answered_as_the_old_one() -> None:
    again = on(call("1", "hangup"), ("menu: ask,", "menu: ask_short,"))
    assert again.parting is None


def test_what_is_asked_no_more_takes_no_key_with_it() -> None:
    record = call("1", "2")
    gone = ("  tell: {say: {owed: {amount: $account.balance}}, go: menu}\n", "")
    again = on(record, ("found: tell", "found: menu"), gone)
    assert nodes(again.now) == ["menu", "find", "menu", "agent"]
    assert not again.ends_elsewhere


def test_look_ups_answer_as_they_did_and_what_they_told_is_not_known() -> None:
    again = on(call("1", answer=Failed("no answer")))
    assert nodes(again.now)[:3] == ["menu", "find", "sorry"] and again.parting is None
    told = on(call("1", "hangup", answer=Found({**BALANCE.values, "balance": Decimal(7)})))
    assert "余额一百二十三元" in told.now.heard[-1].text


def test_a_branch_on_what_was_told_goes_as_it_went() -> None:
    branching = FLOW.replace("found: tell", "found: rich") + (
        '  rich: {branch: $account.balance, cases: {"7": agent}, otherwise: tell}\n'
    )
    seven = Found({**BALANCE.values, "balance": Decimal(7)})
    for answer, way in ((seven, "agent"), (BALANCE, "tell")):
        record = call("1", "hangup", answer=answer, flow=branching)
        again = replay(record, load(branching))
        assert nodes(again.now)[3] == way and again.parting is None


def test_what_the_record_does_not_tell_is_taken_as_usual_and_said() -> None:
    again = on(call("2"), ("2: agent}", "2: find}"))
    assert again.assumed == ("lookup billing.balance",)
    assert nodes(again.now)[:3] == ["menu", "find", "tell"]


def test_a_secret_is_typed_as_any_digits() -> None:
    flow = FLOW.replace("start: menu", "start: pin").replace(
        "nodes:",
        "nodes:\n  pin: {collect: ask, digits: 4, secret: true, into: pin, "
        "go: menu, otherwise: agent}",
    )
    record = call("4711", "2", flow=flow)
    assert "4711" not in record.model_dump_json()
    assert nodes(replay(record, load(flow)).now) == ["pin", "menu", "agent"]


def test_a_digit_typed_while_she_was_told_that_the_secret_is_wrong_leads_nowhere() -> None:
    record = went(["1", "2", "1", "1", "#", "1"], QUEUED[0], None, "13800138000")
    again = replay(record, SHIPPED)
    assert prompts(again.now) == prompts(record)


def test_a_record_that_tells_too_little_says_why() -> None:
    record = call("2")
    assert too_poor(record) == ""
    assert too_poor(record.model_copy(update={"asked": None})).startswith("older")
    assert too_poor(record.model_copy(update={"ended": None})) == "still going on"
    assert too_poor(record.model_copy(update={"outcome": "failed"})).startswith("ended by")
    many = record.model_copy(update={"keys": record.keys[:1] * 1000})
    assert too_poor(many).startswith("so long")


def test_her_keys_belong_to_what_was_being_said() -> None:
    first, *_ = turns(call("1", "hangup"))
    assert (first.prompt, first.cut_at) == ("ask", 0)
    assert [press.key for press in first.keys] == ["1"] and not first.later
    (silent,) = turns(call("-", "2"))
    assert [(press.key, press.after) for press in silent.later] == [("2", 1000)]


def test_a_key_typed_while_nobody_listened_leaves_the_one_before_it_where_it_came() -> None:
    record = scenes.play("1", "3 after 0s").record
    assert nodes(record) == ["menu", "find", "tell", "menu", "agent", "bye"]
    assert nodes(replay(record, scenes.project()).now) == nodes(record)


@pytest.mark.parametrize("does", ["0 after 2s", "0 after 4s", "hangup after 2s"])
def test_a_look_up_that_she_did_not_wait_for_is_asked_again(does: str) -> None:
    slow = "billing.balance: {after: 8s, any: {balance: 1.00}}"
    record = scenes.play("1", does, given=slow).record
    (asked, *_) = record.asked or ()
    assert (asked.what, asked.outcome, asked.left) == ("lookup", "", does.startswith("hangup"))
    again = replay(record, scenes.project())
    assert nodes(again.now) == nodes(record) and not again.assumed
