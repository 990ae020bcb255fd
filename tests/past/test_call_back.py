from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.desk.agenda import Booking, Outcome, State
from ivr.past.call_back import promised

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Try:
    begun: datetime
    rung: datetime | None = None
    outcome: Outcome | None = None


def booked(state: State) -> Booking:
    until = NOON + timedelta(hours=1)
    return Booking("c1", "13800138000", "roaming", "yue", NOON, until, 1, state=state)


def test_a_promise_is_told_with_each_attempt() -> None:
    minute = timedelta(minutes=1)
    attempts = [
        Try(NOON, None, Outcome.NOBODY),
        Try(NOON + minute, NOON + 2 * minute, Outcome.BUSY),
        Try(NOON + 9 * minute, NOON + 10 * minute, Outcome.TALKED),
    ]
    assert promised(booked(State.KEPT), attempts, SHANGHAI) == [
        "A call back by roaming until 2026-11-23 21:00 was promised: kept.",
        "11-23 20:00:00  no agent",
        "11-23 20:02:00  busy",
        "11-23 20:10:00  talked",
    ]


def test_what_is_under_way_is_told_as_far_as_it_is() -> None:
    lines = promised(booked(State.DIALLING), [Try(NOON), Try(NOON, NOON)], SHANGHAI)
    assert lines[0].endswith("being kept just now.")
    assert lines[1].endswith("she waits for an agent")
    assert lines[2].endswith("her phone rings, or they talk")
