"""The agenda: which promised calls back are to be dialled now, which are late, which are broken.

Pure: bookings, the desks' rules and the clock go in; what is to be done comes out. A booked caller
keeps the place of when she called: her stand-in waits in the switch's queue with her priority
(ivr/desk/order.py), so here it is only decided when a stand-in may be put there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from ivr.flow.hours import Hours

# A promise that ends so soon goes before the order of arrival.
URGENT = timedelta(minutes=10)
# Until the next try after an attempt that used up none: no agent came, no line was free.
SOON = timedelta(seconds=30)
# So long after the time promised nobody is waiting for the call any more.
GIVEN_UP = timedelta(days=1)


class State(StrEnum):
    """Where a booking stands. Late is one that was kept after the time promised."""

    OPEN = "open"
    DIALLING = "dialling"
    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Nothing more is done for it."""
        return self not in (State.OPEN, State.DIALLING)


class Outcome(StrEnum):
    """What came of an attempt."""

    TALKED = "talked"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    # She, or a machine, answered and did not want the call.
    DECLINED = "declined"
    WRONG = "wrong number"
    # These are no fault of hers, and use up no attempt.
    NOBODY = "no agent"
    FAULT = "no line"
    # The controller died, and the switch no longer knows: she may have been rung.
    UNKNOWN = "not known"


_FREE = (Outcome.NOBODY, Outcome.FAULT)


@dataclass(frozen=True)
class Booking:
    """A call back that was promised; `call` is the id of the call it was promised in.

    `arrived` is when she called, in tenths of a second, which is her place in the order of service;
    `speed` is in percent; `attempts` are those begun; `id` is 0 until it is stored. Nothing is
    dialled before `not_before`; None is at once.
    """

    call: str
    number: str
    desk: str
    language: str
    asked: datetime
    promised: datetime
    arrived: int
    skills: tuple[str, ...] = ()
    speed: int = 100
    not_before: datetime | None = None
    attempts: int = 0
    state: State = State.OPEN
    id: int = 0


@dataclass(frozen=True)
class Rule:
    """How a desk keeps its promises: so many attempts within its hours, with a pause between.

    `first` is who is rung first.
    """

    hours: Hours
    within: timedelta = timedelta(hours=1)
    attempts: int = 3
    pause: timedelta = timedelta(minutes=10)
    first: Literal["agent", "caller"] = "agent"


@dataclass(frozen=True)
class Plan:
    """What is to be done now. `late` are those behind their time that are still to be kept."""

    dial: tuple[Booking, ...]
    late: tuple[Booking, ...]
    broken: tuple[Booking, ...]


def plan(
    bookings: Iterable[Booking],
    rules: Mapping[str, Rule],
    room: Mapping[str, int],
    now: datetime,
    is_talking: Callable[[str], bool] = lambda call: False,
) -> Plan:
    """Return what is to be done now with all bookings that are not over.

    A desk holds as many stand-ins at once as there is `room` for, its agents who are there; those
    being dialled have taken theirs. Who came first goes first, but the earliest deadline before all
    where it is near. A desk that has no rule any more keeps nothing by itself. Whose call
    `is_talking` is not dialled: she would be busy.
    """
    taken = Counter[str]()
    late, broken, standing = [], [], []
    for booking in bookings:
        if booking.state is State.DIALLING:
            taken[booking.desk] += 1
        elif booking.state is not State.OPEN:
            continue
        elif now >= booking.promised + GIVEN_UP:
            broken.append(booking)
            continue
        else:
            standing.append(booking)
        if now > booking.promised:
            late.append(booking)
    at_work = {
        desk: rule
        for desk, rule in rules.items()
        if taken[desk] < room.get(desk, 0) and rule.hours.state(now) == "open"
    }
    ready = [
        booking
        for booking in standing
        if booking.desk in at_work
        and not is_talking(booking.call)
        and _is_ready(booking, at_work[booking.desk], now)
    ]
    dial = []
    for booking in sorted(ready, key=lambda each: _turn(each, now)):
        if taken[booking.desk] < room[booking.desk]:
            taken[booking.desk] += 1
            dial.append(booking)
    return Plan(tuple(dial), tuple(late), tuple(broken))


def _is_ready(booking: Booking, rule: Rule, now: datetime) -> bool:
    if booking.not_before is None or booking.not_before <= now:
        return True
    # A pause never lasts longer than it is: the clock was set back meanwhile.
    return booking.attempts > 0 and booking.not_before - now > max(rule.pause, SOON)


def begun(booking: Booking) -> Booking:
    """Return a booking whose next attempt begins."""
    return replace(booking, state=State.DIALLING, attempts=booking.attempts + 1)


def ended(booking: Booking, outcome: Outcome, rule: Rule | None, now: datetime) -> Booking:
    """Return what a booking is after an attempt that ended so. `rule` is None: the desk is gone."""
    if outcome is Outcome.TALKED:
        return over(booking, now)
    if outcome in _FREE:
        attempts = booking.attempts - 1
        return replace(booking, state=State.OPEN, attempts=attempts, not_before=now + SOON)
    if rule is None or outcome is Outcome.WRONG or booking.attempts >= rule.attempts:
        return replace(booking, state=State.BROKEN)
    return replace(booking, state=State.OPEN, not_before=now + rule.pause)


def over(booking: Booking, now: datetime) -> Booking:
    """Return a booking of somebody who has been called back: kept, or late."""
    return replace(booking, state=State.KEPT if now <= booking.promised else State.LATE)


def _turn(booking: Booking, now: datetime) -> tuple[bool, float, int, int]:
    is_urgent = booking.promised - now <= URGENT
    deadline = booking.promised.timestamp() if is_urgent else 0.0
    return not is_urgent, deadline, booking.arrived, booking.id
