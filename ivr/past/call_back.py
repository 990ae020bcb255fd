"""A call back that was promised in a call: until when, each attempt, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Protocol

from ivr.desk.agenda import Booking, Outcome, State

_SAID = {
    State.OPEN: "still to be kept",
    State.DIALLING: "being kept just now",
    State.KEPT: "kept",
    State.LATE: "kept late",
    State.BROKEN: "broken",
    State.CANCELLED: "taken back",
}


class Tried(Protocol):
    """An `Attempt`."""

    @property
    def begun(self) -> datetime: ...
    @property
    def rung(self) -> datetime | None: ...
    @property
    def outcome(self) -> Outcome | None: ...


def promised(booking: Booking, attempts: Iterable[Tried], zone: tzinfo) -> list[str]:
    """Return the lines that tell a promise; times are by the clock of `zone`."""
    until = f"{booking.promised.astimezone(zone):%Y-%m-%d %H:%M}"
    return [
        f"A call back by {booking.desk} until {until} was promised: {_SAID[booking.state]}.",
        *(f"{_time(each).astimezone(zone):%m-%d %H:%M:%S}  {_told(each)}" for each in attempts),
    ]


def _time(attempt: Tried) -> datetime:
    return attempt.rung or attempt.begun


def _told(attempt: Tried) -> str:
    if attempt.outcome is None:
        return "her phone rings, or they talk" if attempt.rung else "she waits for an agent"
    return str(attempt.outcome)
