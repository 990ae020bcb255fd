from datetime import timedelta

import pytest
from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from ivr.trial.simulation import Played
from tests.stage import path
from tests.trial.scenes import AFTERWARDS, BALANCE, WORLD, play


def heard(played: Played) -> list[str]:
    return [each.text for each in played.record.heard]


def test_a_key_comes_when_what_is_said_takes_it() -> None:
    played = play("1", "3")
    # 3 means nothing while the balance is said; it waits for the menu to come again.
    assert path(played.record) == ["menu", "find", "tell", "menu", "agent", "bye"]
    assert [each.finished for each in played.record.heard] == [False, True, False]
    assert not played.left


def test_a_key_of_anywhere_comes_while_a_value_is_said() -> None:
    played = play("1", "*", "0")
    assert path(played.record) == ["menu", "find", "tell", "agent", "bye"]
    assert played.record.speed == "90%"


def test_a_key_that_nothing_takes_is_pressed_when_the_line_listens() -> None:
    played = play("7", "3")
    assert heard(played)[:2] == ["请按一。", "不对。"]


def test_a_caller_who_has_nothing_left_to_do_listens_on() -> None:
    played = play()
    assert heard(played) == ["请按一。", "没有。", "一。", "没有。", "一。", "没有。"]
    assert played.record.outcome == "finished"


def test_silence_lets_one_question_pass() -> None:
    played = play("-", "3")
    assert heard(played) == ["请按一。", "没有。", "一。"]


def test_seconds_pass_as_speech_and_waiting_take_them() -> None:
    record = play().record
    first, second = record.heard[:2]
    # Three characters and the rest after a sentence, then five seconds for an answer.
    assert first.to_ms - first.from_ms == 3 * 220 + 500
    assert second.from_ms - first.to_ms == 5000


@pytest.mark.parametrize("act", ["3 at 8s", "3 after 8s"])
def test_a_key_comes_at_its_second(act: str) -> None:
    record = play(act).record
    assert record.keys[0].at - record.started == timedelta(seconds=8)


def test_a_key_comes_during_certain_words_and_cuts_them() -> None:
    played = play("1", "0 during 二十", "hangup")
    assert heard(played)[1] == "余额一百二十"


def test_keys_typed_while_a_back_end_is_asked_are_kept() -> None:
    slow = "billing.balance: {any: {balance: 1}, after: 4s}"
    played = play("1", "0 after 1s", given=slow)
    assert path(played.record) == ["menu", "find", "agent", "bye"]


def test_a_slow_back_end_is_filled_with_words_and_answers_in_time() -> None:
    slow = "billing.balance: {any: {balance: 1}, after: 4s}"
    record = play("1", given=slow).record
    assert record.heard[1].prompt == "one_moment"
    find = next(step for step in record.path if step.node == "find")
    assert find.left is not None and find.left - find.entered == timedelta(seconds=4)


def test_a_back_end_that_is_down_fails() -> None:
    assert path(play("1", given="billing.balance: fails").record)[2] == "agent"


def test_the_wait_and_the_talk_in_a_queue_take_their_time() -> None:
    record = play("3", given="agents: {desk: 1002 answers after 20s}").record
    stay = record.path[-2]
    assert stay.left is not None and stay.left - stay.entered == timedelta(seconds=80)
    assert record.why.endswith("served by 1002")


def test_she_hangs_up_while_she_waits() -> None:
    played = play("3", "hangup after 30s", given="agents: {desk: unanswered}")
    assert played.record.outcome == "abandoned" and not played.left


def test_she_hangs_up_on_the_agent_when_all_is_said() -> None:
    played = play("3", "hangup")
    assert path(played.record)[-1] == "agent" and played.record.outcome == "answered"


@pytest.mark.parametrize(("given", "seconds"), [("recording: silent", 5), ("recording: 12s", 12)])
def test_a_message_takes_as_long_as_she_speaks_or_is_silent(given: str, seconds: float) -> None:
    record = play("3", given=f"agents: {{desk: nobody}}\n{given}").record
    stay = next(step for step in record.path if step.node == "message")
    assert stay.left is not None
    said_ms = record.heard[-1].to_ms - record.heard[-1].from_ms
    assert (stay.left - stay.entered).total_seconds() == pytest.approx(seconds + said_ms / 1000)


def test_a_call_without_end_is_ended_and_says_so() -> None:
    played = play(*["9"] * 5000, flow=BALANCE.replace("0: agent}", "0: agent, 9: again}"))
    assert played.record.outcome == "failed" and "without end" in played.record.why


def test_a_fault_of_the_flow_is_kept_in_the_record() -> None:
    played = play("1", given="billing.balance: {any: {}}")
    assert played.record.outcome == "failed" and "cannot be said" in played.record.why


def test_what_is_announced_is_heard_once() -> None:
    flow = BALANCE.replace("go: menu}", "go: notices}").replace(
        "nodes:", "nodes:\n  notices: {announcements: here, go: menu}"
    )
    given = WORLD + "\nannounced: {here: {yue: 今日線路繁忙。, en: Lines are busy.}}"
    played = play("1", "1", "3", given=given, flow=flow)
    said = [each for each in played.record.heard if each.prompt == "announced"]
    assert [(each.text, each.language) for each in said] == [("今日線路繁忙。", "yue")]


ACTS = st.one_of(
    st.sampled_from(["-", "hangup", "hangup after 70s", "1 during 余额", "0 after 3s", "2 at 9s"]),
    st.text("0123456789*#", min_size=1, max_size=12),
)


@settings(max_examples=60, deadline=None)
@whatever(st.lists(ACTS, max_size=8))
def test_whatever_she_does_the_call_ends_and_time_never_steps_back(does: list[str]) -> None:
    record = play(*does).record
    assert record.ended is not None and record.outcome in ("finished", "answered", "abandoned")
    stays = [at for step in record.path for at in (step.entered, step.left) if at]
    assert stays == sorted(stays)


def test_a_message_is_heard_again_before_it_is_kept() -> None:
    record = play("3", "1", given="recording: 12s", flow=AFTERWARDS).record
    first, second = (each for each in record.heard if each.prompt == "ask")
    assert second.from_ms - first.to_ms >= 12_000


@pytest.mark.parametrize(("given", "last"), [("{}", "offer"), ("messages: fails", "tell")])
def test_a_text_message_is_sent_or_not(given: str, last: str) -> None:
    assert path(play("1", given=given, flow=AFTERWARDS).record)[-2] == last


def test_a_call_back_is_offered_where_one_is_given() -> None:
    promised = "calls_back: 2026-11-20T16:05+08:00"
    said = heard(play("1", "1", given=promised, flow=AFTERWARDS))[-1]
    assert "四点零五分" in said
    assert heard(play("1", flow=AFTERWARDS))[-1] == "请按一。"
