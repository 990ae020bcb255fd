"""What became of promised calls back, by desk and day: each a count, and the calls behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo

from ivr.desk.agenda import Booking, State


@dataclass(frozen=True)
class Promised:
    """What was promised for one day at one desk.

    `calls` are the ids of the calls in which it was, by what became of it. `share` is how much of
    what is over was kept in time; None while nothing is. What is cancelled is not counted there.
    """

    desk: str
    day: date
    promised: int
    calls: dict[State, tuple[str, ...]]
    share: float | None


def promises(bookings: Iterable[Booking], zone: tzinfo | None = None) -> list[Promised]:
    """Return what became of bookings, by desk and the day they were promised for in a zone.

    Unless given, the zone is this machine's.
    """
    found: dict[tuple[str, date], list[Booking]] = {}
    for booking in bookings:
        day = booking.promised.astimezone(zone).date()
        found.setdefault((booking.desk, day), []).append(booking)
    return [_promised(desk, day, found[desk, day]) for desk, day in sorted(found)]


def _promised(desk: str, day: date, bookings: list[Booking]) -> Promised:
    calls = {
        state: tuple(booking.call for booking in bookings if booking.state is state)
        for state in State
    }
    kept = len(calls[State.KEPT])
    over = kept + len(calls[State.LATE]) + len(calls[State.BROKEN])
    share = round(kept / over, 4) if over else None
    return Promised(desk, day, len(bookings), calls, share)
