"""A whole call, pure: what the caller presses, hears and reaches."""

import pytest

from ivr.flow.caller import Caller
from ivr.flow.effects import Play, Queued
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.session import Session
from ivr.line.script import HANG_UP, SILENCE, ScriptLine
from tests.flow.given import BALANCE, MENU
from tests.flow.teller import Teller
from tests.stage import START, Ledger, load, path, play, shipped


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
