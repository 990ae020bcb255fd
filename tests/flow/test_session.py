"""A whole call, pure: what the caller presses, hears and reaches."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ivr.flow.caller import Caller
from ivr.flow.effects import HangUp, Heard, Play, Queued, Waiting
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.session import Session
from ivr.flow.unwinding import Trouble
from ivr.line.script import HANG_UP, SILENCE, ScriptLine
from tests.flow.teller import Teller
from tests.stage import PROMPTS, START, Ledger, load, path, play, read, shipped

BALANCE = Found({"balance": Decimal("123.45"), "expires": date(2026, 12, 31)})

MENU = """
flow: f
languages: [cmn, yue, en]
start: menu
anywhere: {"*": slower, "#": faster, 9: again, 0: agent}
nodes:
  menu: {menu: [ask, ask_short], keys: {1: hello, 2: yue}, otherwise: agent}
  hello: {say: hello, go: menu}
  yue: {language: ask, keys: {2: yue}, go: menu}
  agent: {queue: desk, unanswered: bye}
  bye: hangup
"""


def test_the_shipped_hotline_reads_a_balance_slower_and_reaches_a_person() -> None:
    line = ScriptLine(["2", "1", "*", "0"])
    record = play(shipped(), line, flow="hotline", ledger=Ledger(BALANCE))
    assert "你嘅話費餘額係一百二十三蚊四毫半，有效期到二零二六年十二月三十一號。" in line.heard
    assert line.reached == ["queue front_desk", "hangup"]
    assert (record.language, record.speed, record.outcome) == ("yue", "90%", "answered")
    assert path(record)[:5] == ["welcome", "notices", "menu", "balance", "own_balance"]


@pytest.mark.parametrize(
    ("answer", "node"),
    [(Missing(), "which_number"), (Failed("it is down"), "sorry"), (BALANCE, "tell_balance")],
)
def test_each_answer_of_a_back_end_leads_where_the_flow_says(
    answer: Found | Missing | Failed, node: str
) -> None:
    record = play(shipped(), ScriptLine(["1", "1"]), flow="hotline", ledger=Ledger(answer))
    assert path(record)[5] == node


def test_a_caller_without_a_number_is_asked_for_it_and_hears_it_read_back() -> None:
    line, ledger = ScriptLine(["1", "1", "13800138000", "1", HANG_UP]), Ledger(BALANCE)
    play(shipped(), line, flow="hotline", caller="", ledger=ledger)
    assert "您输入的号码是幺三八零零幺三八零零零" in "".join(line.heard).replace(" ", "")
    assert ledger.asked == [("billing.balance", {"number": "13800138000"})]


def test_silence_and_a_wrong_key_are_told_apart_and_forgiven_then_a_person() -> None:
    # Each question takes two moments: while it is spoken, and the wait after it.
    line = ScriptLine(["5", SILENCE, SILENCE, SILENCE, SILENCE, "7"])
    record = play(load(MENU), line)
    assert line.heard == ["请按一。", "不对。", "一。", "没有。", "一。", "不对。"]
    assert path(record) == ["menu", "agent"]
    assert line.reached[0] == "queue desk"


def test_two_keys_at_once_choose_a_language_and_then_a_menu() -> None:
    flow = MENU.replace("start: menu", "start: yue")
    line = ScriptLine(["21", HANG_UP])
    record = play(load(flow), line)
    assert path(record) == ["yue", "menu", "hello"]
    assert record.language == "yue"
    assert [press.key for press in record.keys] == ["2", "1"]


def test_a_key_of_anywhere_wins_over_nothing_else_and_a_menus_own_key_wins_over_it() -> None:
    own = MENU.replace("keys: {1: hello", "keys: {9: hello").replace("9: again, ", "")
    assert path(play(load(own), ScriptLine(["9", HANG_UP])))[:2] == ["menu", "hello"]


def test_a_change_of_speed_goes_on_from_the_clip_being_spoken() -> None:
    flow = MENU.replace("start: menu", "start: hello")
    teller = Teller(Session(load(flow), "f", Caller("c"), START))
    again = teller.cut("*", 2)
    assert isinstance(again, Play) and (again.speed, again.begin) == (90, 2)
    faster = teller.cut("##", 3)
    assert isinstance(faster, Play) and (faster.speed, faster.begin) == (120, 3)
    from_the_start = teller.cut("9", 3)
    assert isinstance(from_the_start, Play) and from_the_start.begin == 0


def test_speed_stops_at_its_ends() -> None:
    flow = MENU.replace("start: menu", "start: hello").replace(
        "[cmn, yue, en]", "[cmn, yue, en]\nspeeds: [60%, 150%]"
    )
    teller = Teller(Session(load(flow), "f", Caller("c"), START))
    slow = teller.cut("***", 1)
    assert isinstance(slow, Play) and slow.speed == 60
    fast = teller.cut("###", 1)
    assert isinstance(fast, Play) and fast.speed == 150


def test_another_key_ends_what_is_said_and_answers_the_next_question() -> None:
    flow = MENU.replace("start: menu", "start: hello")
    teller = Teller(Session(load(flow), "f", Caller("c"), START))
    teller.cut("1", 1)
    record = teller.session.record
    assert path(record) == ["hello", "menu", "hello"]
    assert [(h.finished, h.cut_at) for h in record.heard] == [(False, 1)]


def test_slower_is_heard_at_once_even_when_the_question_was_over() -> None:
    line = ScriptLine([SILENCE, "*", "1", HANG_UP])
    record = play(load(MENU), line)
    assert line.heard[:2] == ["请按一。", "请按一。"]
    assert path(record) == ["menu", "hello"]
    assert record.speed == "90%"


COLLECT = """
flow: f
languages: [cmn]
start: pin
anywhere: {"*": slower, 0: bye}
nodes:
  pin:
    collect: ask
    digits: 4-6
    into: pin
    go: tell
    otherwise: bye
  tell: {say: {number_is: {number: $pin}}, go: bye}
  bye: hangup
"""


def test_anywhere_sleeps_while_digits_are_typed() -> None:
    line = ScriptLine(["0900#"])
    record = play(load(COLLECT), line)
    assert line.heard[-1] == "是零九零零。"
    assert path(record) == ["pin", "tell", "bye"]


def test_secret_digits_are_in_no_record() -> None:
    secret = COLLECT.replace("into: pin", "into: pin\n    secret: true")
    secret = secret.replace("{number_is: {number: $pin}}", "hello")
    record = play(load(secret), ScriptLine(["0947#"]))
    assert {press.key for press in record.keys} == {"•"}
    typed_ahead = play(load(secret), ScriptLine(["12345678"]))
    assert "7" not in {press.key for press in typed_ahead.keys}


@pytest.mark.parametrize("typed", ["12", "1234567", "12*4#"])
def test_digits_that_do_not_fit_are_refused_and_asked_for_again(typed: str) -> None:
    line = ScriptLine([typed, SILENCE, "1234#"])
    record = play(load(COLLECT), line)
    if typed == "1234567":  # six fit, the seventh answers nothing and cuts the next prompt
        assert path(record) == ["pin", "tell", "bye"]
    else:
        assert "不是。" in line.heard
        assert line.heard[-1] == "是一二三四。".replace("一", "幺")


def test_the_flow_is_left_after_the_last_try() -> None:
    line = ScriptLine([])
    assert path(play(load(COLLECT), line)) == ["pin", "bye"]
    assert line.heard.count("没有。") == 3


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


def test_keys_typed_before_a_queue_silence_nothing_after_it() -> None:
    flow = MENU.replace("unanswered: bye", "unanswered: tell").replace(
        "  bye: hangup", "  tell: {say: hello, go: bye}\n  bye: hangup"
    )
    line = ScriptLine(["0555"], queued=Queued("unanswered"))
    record = play(load(flow), line)
    assert line.heard == ["请按一。", "您好，再见。"]
    assert [press.key for press in record.keys] == ["0", "5", "5", "5"]


def test_one_stray_key_cuts_one_prompt_and_silences_nothing_after_it() -> None:
    flow = """
    flow: f
    languages: [cmn]
    start: a
    anywhere: {"*": slower}
    nodes:
      a: {say: hello, go: b}
      b: {say: hello, go: c}
      c: {say: hello, go: menu}
      menu: {menu: ask, keys: {5: bye}, otherwise: bye}
      bye: hangup
    """
    teller = Teller(Session(load(flow), "f", Caller("c"), START))
    assert isinstance(teller.cut("5", 1), Play)  # 5 cuts a, and b is said
    slower = teller.cut("*", 2)  # a key typed before does not hold up how it is said
    assert isinstance(slower, Play) and (slower.speed, slower.begin) == (90, 2)
    assert isinstance(teller.cut("", 4), Play)  # b to its end, and c is said
    teller.cut("", 4)
    # 5 answers the question at once, and its prompt is not said.
    assert path(teller.session.record) == ["a", "b", "c", "menu", "bye"]
    assert [h.finished for h in teller.session.record.heard] == [False, False, True, True]


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
