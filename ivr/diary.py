"""The diary of calls back: a desk's promise, kept in the database for as long as it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.desk.agenda import Booking, Rule
from ivr.desk.order import tenths
from ivr.flow.effects import Book, Booked, Impossible
from ivr.flow.hours import Hours
from ivr.flow.promise import Promise
from ivr.store.bookings import Bookings
from ivr.store.database import StoreError
from ivr.switch.desks import Desks


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


@dataclass(frozen=True)
class Diary:
    """Where the bookings of one call go."""

    bookings: Bookings
    rules: Mapping[str, Rule]
    call: str
    clock: Callable[[], datetime]

    async def book(self, book: Book) -> Booked | Impossible:
        """Keep a booking, or with no number only tell which time would be promised."""
        now = self.clock()
        rule = self.rules.get(book.queue)
        if rule is None:
            return Impossible(f"'{book.queue}' promises nothing")
        until = Promise(rule.within, rule.hours).until(now)
        if until is None:
            return Impossible(f"'{book.queue}' opens too late")
        if book.number:
            booking = Booking(
                self.call, book.number, book.queue, book.language, now, until, tenths(now)
            )
            try:
                kept = await self.bookings.keep(booking)
            except StoreError as fault:
                return Impossible(str(fault))
            until = kept.promised.astimezone(until.tzinfo)
        return Booked(until)
