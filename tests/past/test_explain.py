"""One call in plain words."""

from datetime import timedelta, timezone

import pytest

from ivr.flow.caller import Caller
from ivr.flow.effects import Heard, Listen, Play, Queued
from ivr.flow.record import CallRecord
from ivr.flow.services import Failed
from ivr.flow.session import Session
from ivr.line.script import ScriptLine
from ivr.past.explain import clock, explain
from ivr.past.remarks import remarks
from tests.stage import START, Ledger, load, play, shipped

SERVED = Queued("answered", "1001")
CHINA = timezone(timedelta(hours=8))
MENU = """
flow: f
languages: [cmn, yue]
start: menu
anywhere: {"*": slower, 9: again, 8: language, 0: agent}
nodes:
  menu: {menu: ask, keys: {1: hello, 2: bye}, otherwise: agent}
  hello: {say: hello, go: menu}
  agent: {queue: desk, unanswered: bye}
  bye: hangup
"""


def call(*keys: str, queued: Queued = SERVED) -> CallRecord:
    return play(load(MENU), ScriptLine(keys, queued=queued))


def told(record: CallRecord) -> list[str]:
    return explain(record, CHINA, load(MENU))


def answered(*answers: tuple[object, float]) -> CallRecord:
    """Play the menu with answers that each come so many seconds after the one before."""
    session, now = Session(load(MENU), "f", Caller("c"), START), START
    session.begin(now)
    for answer, later in answers:
        now += timedelta(seconds=later)
        asked = session.asked
        if answer is None and isinstance(asked, Play):
            answer = Heard("", len(asked.utterance))
        elif answer is not None and isinstance(asked, Play):
            answer = Heard(str(answer), asked.begin)
        elif answer is None:
            assert isinstance(asked, Listen)
            answer = ""
        session.answer(answer, now)
    session.hang_up(now)
    return session.record


def test_a_call_is_told_from_who_called_to_how_it_ended() -> None:
    lines = told(call("*", "1", "0"))
    assert lines[0] == "call c1: 13800138000 to 10086, 2026-11-22 15:00:01, 6 s"
    assert lines[1].startswith("flow f, version ") and lines[1].endswith("; Mandarin at 90%")
    assert lines[3] == " 0:01.0  menu   ♪ 请按一。  (ask, Mandarin 100%; broken off after 1 s)"
    assert " 0:02.0         ⌨ *  (on at 90%)" in lines
    assert " 0:03.0         ⌨ 1  (to hello)" in lines
    assert " 0:04.0         ⌨ 0  (to agent)" in lines
    assert " 0:04.0  agent  → queue desk  (answered by 1001 after 1 s)" in lines
    assert any("■ answered: the flow" in line for line in lines)


def test_a_part_of_a_call_tells_by_whom_it_came_and_how() -> None:
    record = call("2")
    passed = record.model_copy(update={"called": "801", "after": "1.1", "passed_by": "1001"})
    sent = passed.model_copy(update={"called": "*71"})
    assert told(passed)[2] == "passed on by 1001, after call 1.1"
    assert told(sent)[2] == "sent by 1001, in the middle of call 1.1"


def test_a_key_that_comes_after_the_wait_is_too_late() -> None:
    record = answered((None, 1), (None, 5), ("2", 0.18))
    assert remarks(record) == [
        "was silent for 5 s, once, in 'menu'",
        "pressed 2 too late by 180 ms in 'menu'; it counted for the next try",
    ]


def test_what_is_said_over_her_wait_is_no_end_of_her_silence() -> None:
    record = answered((None, 1), (None, 5), ("2", 0.18))
    (index,) = (n for n, heard in enumerate(record.heard) if heard.prompt == "nothing_heard")
    at = record.heard[index].from_ms + 1500
    over = record.heard[0].model_copy(update={"prompt": "serves_you", "from_ms": at, "to_ms": at})
    served = record.model_copy(
        update={"heard": (*record.heard[:index], over, *record.heard[index:])}
    )
    assert remarks(served)[0] == "was silent for 5 s, once, in 'menu'"


def test_a_key_after_the_last_try_is_taken_by_nothing() -> None:
    silence = ((None, 1), (None, 5), (None, 1))
    record = answered(*silence, *silence, *silence[:2], ("2", 0.25))
    assert "was silent for 5 s, three times, in 'menu'" in remarks(record)
    late = "pressed 2 too late by 250 ms in 'menu'; nothing took it any more"
    assert late in remarks(record)


def test_a_key_the_menu_does_not_have_is_named() -> None:
    assert "pressed 5, which 'menu' does not take" in remarks(call("5", "2"))


def test_the_texts_for_mistakes_are_those_of_the_flow() -> None:
    own = load(MENU.replace("otherwise: agent", "otherwise: agent, wrong: hello"))
    record = play(own, ScriptLine(["5", "2"]))
    assert remarks(record) == []
    assert remarks(record, own) == ["pressed 5, which 'menu' does not take"]


def test_what_one_node_says_to_silence_another_may_say_at_any_time() -> None:
    thanking = MENU.replace("otherwise: agent}", "otherwise: agent, tries: 1, silent: hello}")
    greeted = play(load(thanking), ScriptLine(["1"]))
    silent = [each for each in remarks(greeted, load(thanking)) if "silent" in each]
    assert silent == ["was silent for 1 s, once, in 'menu'"]


def test_hearing_it_again_is_counted() -> None:
    assert "asked to hear 'ask' again, twice, in 'menu'" in remarks(call("9", "9", "2"))


def test_another_language_is_told_at_the_key() -> None:
    assert any("⌨ 8  (on in Cantonese)" in line for line in told(call("8", "2")))


@pytest.mark.parametrize(
    ("queued", "remark"),
    [
        (Queued("unanswered"), "waited 1 s in the queue desk: unanswered"),
        (Queued("unanswered", left=True), "waited 1 s in the queue desk and hung up"),
        (Queued("left"), "waited 1 s in the queue desk and chose to leave it"),
    ],
)
def test_a_wait_in_vain_stands_out(queued: Queued, remark: str) -> None:
    assert remark in remarks(call("0", queued=queued))


def test_a_look_up_that_failed_stands_out_with_its_reason() -> None:
    keys = ["1", "1"]
    record = play(shipped(), ScriptLine(keys), flow="hotline", ledger=Ledger(Failed("too slow")))
    assert "the look-up billing.balance took 1 s and failed: too slow" in remarks(record)


def test_where_she_hung_up_is_told() -> None:
    record = answered(("1", 1), (None, 0))
    assert record.outcome == "abandoned"
    session = Session(load(MENU), "f", Caller("c"), START)
    session.begin(START)
    session.hang_up(START + timedelta(seconds=0.5))
    assert remarks(session.record) == ["hung up while 'ask' was said, at '请按一'"]


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ("For your balance, press one. To top up, press two. For plans,", "For plans,"),
        ("For your balance, press one. To top", "one. To top"),
        ("Your balance is one yuan and five fen", "and five fen"),
        ("Hello there,", "Hello there,"),
        ("查话费，请按一。充值缴费，请按二。", "按一。充值缴费，请按二。"),
    ],
)
def test_where_she_hung_up_is_told_from_the_beginning_of_a_word(heard: str, told: str) -> None:
    session = Session(load(MENU), "f", Caller("c"), START)
    session.begin(START)
    session.hang_up(START + timedelta(seconds=0.5))
    record = session.record
    last = record.heard[-1].model_copy(update={"text": heard})
    ended = record.model_copy(update={"heard": [*record.heard[:-1], last]})
    assert remarks(ended) == [f"hung up while 'ask' was said, at '{told}'"]


def test_a_call_still_going_on_says_where_she_is() -> None:
    session = Session(load(MENU), "f", Caller("c"), START)
    session.begin(START)
    assert told(session.record)[-1] == "still going on in 'menu'"


def test_an_old_record_says_what_it_does_not_know() -> None:
    old = call("0").model_copy(update={"asked": None})
    assert told(old)[-1] == (
        "- look-ups and queues were not yet written down when this call was kept"
    )


def test_times_are_minutes_and_seconds() -> None:
    assert [clock(n) for n in (0, 59_990, 61_200, 3_600_000)] == [
        " 0:00.0", " 0:59.9", " 1:01.2", "60:00.0",
    ]  # fmt: skip


def test_a_key_typed_ahead_is_told_so_and_one_nobody_asked_for_too() -> None:
    flow = MENU.replace("start: menu", "start: news").replace(
        "nodes:", "nodes:\n  news: {say: hello, go: menu}"
    )
    lines = explain(play(load(flow), ScriptLine(["27"])), CHINA)
    assert any("⌨ 2" in line and "nothing asked" not in line for line in lines)
    dropped = play(load(MENU), ScriptLine(["05"]))
    assert "pressed 5 at 2 s; nothing asked for it before 'agent'" in remarks(dropped)
