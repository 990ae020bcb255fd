"""What is measured of desks: conversations, ringing, patience; and what is thought before."""

from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.tempo import ENOUGH, LONGEST, PRIOR, USUAL, WINDOW, Pace, Tempo

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ANN = "PJSIP/1001"


def connect(line: str = "desk", **more: str) -> dict[str, str]:
    return {"Event": "AgentConnect", "Queue": line, "Interface": ANN, **more}


def complete(talked: int, line: str = "desk") -> dict[str, str]:
    return {"Event": "AgentComplete", "Queue": line, "Interface": ANN, "TalkTime": str(talked)}


def told(*events: dict[str, str]) -> Tempo:
    tempo = Tempo()
    for event in events:
        tempo.apply(event, NOW)
    return tempo


def pace(tempo: Tempo, line: str = "desk") -> Pace:
    found = tempo.pace(line)
    assert found is not None
    return found


def test_what_is_usual_lasts_three_minutes_on_average() -> None:
    assert fmean(PRIOR) == pytest.approx(USUAL, rel=0.1)


def test_of_a_desk_without_a_conversation_anywhere_nothing_is_known() -> None:
    assert Tempo().pace("desk") is None
    assert told(connect()).pace("desk") is None


def test_one_conversation_weighs_as_much_as_one_of_those_that_are_usual() -> None:
    assert pace(told(complete(20))).talks == tuple(sorted((*PRIOR, 20.0)))


def test_many_conversations_leave_nothing_of_what_is_usual() -> None:
    found = pace(told(*[complete(30)] * WINDOW))
    assert (set(found.talks), found.known) == ({30.0}, WINDOW)


def test_only_the_last_ones_count() -> None:
    found = pace(told(*[complete(600)] * WINDOW, *[complete(30)] * WINDOW))
    assert set(found.talks) == {30.0}


def test_a_line_is_told_apart_once_enough_is_known_of_it() -> None:
    few = [complete(600, "desk+yue")] * (ENOUGH - 1)
    tempo = told(*[complete(60)] * WINDOW, *few)
    assert pace(tempo, "desk+yue") == pace(tempo)
    tempo.apply(few[0], NOW)
    assert fmean(pace(tempo, "desk+yue").talks) > 2 * fmean(pace(tempo).talks)


def test_a_desk_of_which_nothing_is_known_is_thought_to_be_as_the_others() -> None:
    assert pace(told(complete(20)), "other").talks == pace(told(complete(20))).talks


def test_ringing_follows_what_is_measured() -> None:
    assert pace(told(complete(20))).ring == 4.0
    assert pace(told(complete(20), *[connect(RingTime="9")] * 100)).ring == pytest.approx(
        9, abs=0.1
    )


def test_callers_who_leave_unanswered_are_weighed_against_all_that_was_waited() -> None:
    assert pace(told(complete(20))).leaving == 0
    left = {"Event": "QueueCallerAbandon", "Queue": "desk+yue", "HoldTime": "100"}
    found = pace(told(complete(20), *[left, connect(HoldTime="900")] * 360)).leaving
    assert found == pytest.approx(1 / 1000, rel=0.05)


def test_how_long_an_agent_has_talked_is_known_between_answer_and_end() -> None:
    tempo = told(connect("desk+yue"))
    assert tempo.talking(ANN, NOW + timedelta(seconds=9)) == ("desk+yue", timedelta(seconds=9))
    assert tempo.talking("PJSIP/1002", NOW) is None
    tempo.apply(complete(9), NOW)
    assert tempo.talking(ANN, NOW) is None


def test_old_calls_are_learnt_from() -> None:
    tempo = Tempo()
    tempo.learn("desk", 10.0, 40.0)
    tempo.learn("desk", 50.0, None)
    assert (pace(tempo).known, 40.0 in pace(tempo).talks) == (1, True)
    assert pace(tempo).leaving == pytest.approx(1 / 3660)


keys = ("Queue", "Interface", "TalkTime", "HoldTime", "RingTime")
rubbish = st.fixed_dictionaries(
    {"Event": st.sampled_from(["AgentConnect", "AgentComplete", "QueueCallerAbandon", "Other"])},
    optional={
        key: st.sampled_from(["", "x", "desk", "-1", "0", "1", "86400", "9" * 30, "²"])
        for key in keys
    },
)


@given(st.lists(rubbish, max_size=40))
def test_rubbish_leaves_a_pace_that_can_be_gone_by(many: list[dict[str, str]]) -> None:
    found = told(*many).pace("desk")
    if found is not None:
        assert all(1 <= talk <= LONGEST for talk in found.talks)
        assert found.leaving >= 0 and 0 <= found.ring <= 60
