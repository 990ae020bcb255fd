"""The diary of calls back: a desk's promise, made where it can be kept, and then kept stored."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from ivr.desk.agenda import Booking, Rule
from ivr.desk.order import tenths
from ivr.desk.reachable import HOME, reachable
from ivr.desk.workload import Pace, can_keep
from ivr.flow.effects import Book, Booked, Impossible, Offered, Refused
from ivr.flow.hours import Hours
from ivr.flow.promise import Promise
from ivr.records.pending import Pending, Taker
from ivr.store.bookings import Bookings
from ivr.store.database import StoreError
from ivr.switch.desks import Desks

_log = logging.getLogger(__name__)

BOOKING = "booking"
"""The kind of bookings that wait for the database."""
# Seconds a caller hears nothing, at most, before her booking waits for the database by itself.
PATIENCE = 2.0

_BOOKING = TypeAdapter(Booking)


def taker(bookings: Bookings) -> Taker:
    """Return what writes a booking that had to wait, once."""

    async def take(id: str, text: str) -> None:
        await bookings.keep(_BOOKING.validate_json(text), once=id)

    return take


def rules(desks: Desks, hours: Mapping[str, Hours]) -> dict[str, Rule]:
    """Return how each desk keeps its promises; one that promises nothing is left out."""
    return {
        str(name): Rule(
            hours[desk.hours],
            timedelta(seconds=desk.promise.within),
            desk.promise.attempts,
            timedelta(seconds=desk.promise.pause),
            desk.promise.first,
        )
        for name, desk in desks.desks.items()
        if desk.promise is not None and desk.hours is not None and desk.hours in hours
    }


async def _idle(_desk: str, _rule: Rule, _now: datetime) -> Pace:
    return Pace(0, 1)


@dataclass(frozen=True)
class Promises:
    """Where all bookings go, and by what they are judged. `pace` may raise StoreError.

    Nobody is called back in other `countries`, nor at one of our `numbers`. What the database does
    not take is `pending`; without that nothing is promised while it does not.
    """

    bookings: Bookings
    pace: Callable[[str, Rule, datetime], Awaitable[Pace]] = _idle
    countries: Collection[str] = (HOME,)
    numbers: Callable[[], Collection[str]] = tuple
    pending: Pending | None = None


@dataclass(frozen=True)
class Diary:
    """Where the bookings of one call go.

    `arrived` tells when she called, in tenths of a second, None where it is not known.
    """

    promises: Promises
    rules: Mapping[str, Rule]
    call: str
    clock: Callable[[], datetime]
    arrived: Callable[[], Awaitable[int | None]]

    async def book(self, book: Book) -> Offered | Booked | Refused | Impossible:
        """Keep a booking, or with no number only tell what would be promised."""
        kept = await self.write(book)
        if not isinstance(kept, Booking):
            return kept
        return Booked(kept.promised.astimezone(ZoneInfo(self.rules[kept.desk].hours.zone)))

    async def write(self, book: Book) -> Offered | Booking | Refused | Impossible:
        """Do as `book` does, and return the booking as it is kept."""
        now = self.clock()
        rule = self.rules.get(book.queue)
        if rule is None:
            return Impossible(f"'{book.queue}' promises nothing")
        until = Promise(rule.within, rule.hours).until(now)
        if until is None:
            return Impossible(f"'{book.queue}' opens too late")
        try:
            pace = await self.promises.pace(book.queue, rule, now)
            if not can_keep(pace, rule):
                return Impossible(f"'{book.queue}' has {pace.ahead} to call before her")
            asked = book.number or book.hers
            number = reachable(asked, self.promises.countries, self.promises.numbers())
            if not book.number:
                return Offered(until, "" if isinstance(number, Refused) else number)
            if isinstance(number, Refused):
                return number
            came = await self.arrived()
            booking = Booking(
                self.call,
                number,
                book.queue,
                book.language,
                now,
                until,
                tenths(now) if came is None else came,
                book.skills,
                book.speed,
            )
            return await self._keep(booking)
        except (StoreError, OSError) as fault:
            return Impossible(str(fault))

    async def _keep(self, booking: Booking) -> Booking:
        """Keep a booking in the database, or else where it waits. Raises StoreError, OSError."""
        once = secrets.token_hex(16)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.promises.bookings.keep(booking, once)
        except (StoreError, TimeoutError) as fault:
            if self.promises.pending is None:
                raise
            _log.warning("a call back has to wait for the database: %s", str(fault) or "too slow")
        text = _BOOKING.dump_json(booking).decode()
        await self.promises.pending.keep(BOOKING, once, text)
        return booking
