"""The waits of a call, out of its record."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.desk.ledger import Fate
from ivr.flow.record import Asked, CallRecord
from ivr.past.waits import waits
from tests.records.given import a_record

START = datetime(2026, 11, 25, 9, tzinfo=UTC)


def asked(what: str, of: str, outcome: str, begin: int, end: int, **more: object) -> Asked:
    fields = {"what": what, "of": of, "outcome": outcome, "from": begin, "to": end, "node": "n"}
    return Asked.model_validate(fields | more)


def call(*all_asked: Asked) -> CallRecord:
    return a_record(
        "c.1",
        START,
        caller="139",
        language="yue",
        speed="90%",
        ended=START + timedelta(minutes=5),
        asked=all_asked,
    )


def test_talking_is_told_apart_from_waiting_and_lines_are_their_desk() -> None:
    talked = asked("queue", "front_desk+yue", "answered", 2000, 70_000, by="Li Na", talked=60_000)
    (wait,) = waits(call(talked))
    assert (wait.desk, wait.agent, wait.fate) == ("front_desk", "Li Na", Fate.ANSWERED)
    assert (wait.waited, wait.talked) == (8, 60)
    assert wait.began == START + timedelta(seconds=2)
    assert wait.ended == START + timedelta(seconds=70)


@pytest.mark.parametrize(
    ("later", "fate"),
    [
        ([], Fate.OVERFLOWED),
        ([asked("callback", "front_desk", "booked", 9, 9)], Fate.CALLED_BACK),
        ([asked("callback", "front_desk", "impossible", 9, 9)], Fate.OVERFLOWED),
        ([asked("callback", "front_desk", "offered", 9, 9)], Fate.OVERFLOWED),
        ([asked("record", "", "recorded", 9, 9)], Fate.LEFT_A_MESSAGE),
        ([asked("record", "", "silent", 9, 9)], Fate.OVERFLOWED),
    ],
)
def test_what_she_did_after_a_wait_without_an_agent_is_what_became_of_it(
    later: list[Asked], fate: Fate
) -> None:
    first, *_ = waits(call(asked("queue", "front_desk", "unanswered", 0, 8), *later))
    assert first.fate is fate


def test_what_she_did_after_the_next_wait_is_of_that_one() -> None:
    message = asked("record", "", "recorded", 20, 30)
    first = asked("queue", "front_desk", "full", 0, 0)
    second = asked("queue", "roaming", "unanswered", 1, 9)
    assert [w.fate for w in waits(call(first, second, message))] == [
        Fate.OVERFLOWED,
        Fate.LEFT_A_MESSAGE,
    ]


def test_who_hangs_up_while_waiting_gave_up() -> None:
    (wait,) = waits(call(asked("queue", "front_desk", "", 0, 8000, left=True)))
    assert (wait.fate, wait.waited) == (Fate.GAVE_UP, 8)
