"""Where agents stand, and what the switch has to be told of it."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.desk.duty import (
    NO_ANSWER,
    REASONS,
    Duty,
    Standing,
    asked,
    did_not_answer,
    differing,
    without_answer,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
OFF = Standing(Duty.OFF, "", "1001", NOON)
MEAL = Standing(Duty.PAUSED, "meal", "1001", NOON)


def member(agent: str, paused: str = "0", reason: str = "") -> dict[str, str]:
    return {"Location": f"PJSIP/{agent}", "Paused": paused, "PausedReason": reason}


def test_an_agent_nobody_has_heard_of_is_on_duty() -> None:
    assert Standing().duty is Duty.ON
    assert (str(Standing()), str(OFF), str(MEAL)) == ("on duty", "off duty", "paused (meal)")


def test_one_code_leads_off_duty_and_back_and_out_of_a_pause() -> None:
    off = Standing().toggled("1001", NOON)
    assert off == OFF
    assert off.toggled("1001", LATER) == Standing(Duty.ON, "", "1001", LATER)
    assert MEAL.toggled("1001", LATER) == Standing(Duty.ON, "", "1001", LATER)


def test_who_is_off_duty_is_neither_paused_nor_resumed() -> None:
    assert OFF.paused("meal", "1001", LATER) == OFF
    assert OFF.resumed("1001", LATER) == OFF
    assert MEAL.resumed("1001", LATER) == Standing(Duty.ON, "", "1001", LATER)
    assert Standing().resumed("1001", LATER) == Standing()


@pytest.mark.parametrize("duty", ["on", "off"])
def test_what_is_asked_for_is_taken(duty: str) -> None:
    assert asked(duty, "", "operator", NOON) == Standing(Duty(duty), "", "operator", NOON)
    for reason in REASONS.values():
        assert asked("paused", reason, "1001", NOON).pause == reason


@pytest.mark.parametrize(
    ("duty", "reason", "said"),
    [
        ("away", "", "duty is one of on, off, paused"),
        ("paused", "", "the reason of a pause is one of break, meal"),
        ("paused", NO_ANSWER, "the reason of a pause is one of break, meal"),
        ("on", "meal", "only a pause has a reason"),
    ],
)
def test_what_cannot_be_is_told_with_what_can(duty: str, reason: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        asked(duty, reason, "operator", NOON)


def test_the_switch_is_told_of_those_who_stand_there_otherwise() -> None:
    standings = {"1001": OFF, "1002": MEAL, "1003": Standing(Duty.ON, "", "1003", NOON)}
    members = [
        member("1001"),  # a new queue, or a switch that has started
        member("1002", "1"),  # a reload has lost the reason
        member("1003", "1", "meal"),
        member("1004", "1", "by hand"),
        member("1005"),
    ]
    assert differing(standings, members) == {
        "1001": "off duty",
        "1002": "meal",
        "1003": "",
        "1004": "",
    }


def test_one_of_several_queues_that_differs_is_enough_and_none_is_nothing() -> None:
    same = [member("1001", "1", "off duty"), member("1002", "1", "meal"), member("1003")]
    assert differing({"1001": OFF, "1002": MEAL}, same) == {}
    assert differing({"1001": OFF}, [same[0], member("1001")]) == {"1001": "off duty"}


@pytest.mark.parametrize(
    ("ring_time", "rang", "is_so"),
    [
        ("20000", 20.0, True),
        ("20000", 19.8, True),
        ("20000", 5.0, False),  # the one before her refused after 15 s
        ("19999", 20.0, False),
        ("0", 20.0, False),
        ("", 20.0, False),
        ("-1", 20.0, False),
    ],
)
def test_only_who_let_it_ring_as_long_as_it_may_did_not_answer(
    ring_time: str, rang: float, is_so: bool
) -> None:
    assert did_not_answer(ring_time, 20.0, rang) is is_so


def test_who_did_not_answer_is_paused_unless_she_is_offered_none() -> None:
    assert without_answer(Standing(), NOON) == Standing(Duty.PAUSED, NO_ANSWER, "hotline", NOON)
    assert without_answer(OFF, NOON) is OFF
    assert without_answer(MEAL, NOON) is MEAL
