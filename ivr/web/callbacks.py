"""Promised calls back over HTTP: who is to be called, what became of them, and taking one off."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Protocol

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.desk.agenda import Booking, State
from ivr.past.promises import promises
from ivr.web.api import error, quoted
from ivr.web.rights import WHO

MOST = 1000  # promises listed at most
LONGEST = 366  # days counted at most
# A promise is for a week ahead at most (ivr/flow/promise.py).
AHEAD = timedelta(days=8)
_LIVE = (State.OPEN, State.DIALLING)
_log = logging.getLogger(__name__)


Change = Callable[[int, datetime], Awaitable[bool]]


class Wanted(BaseModel):
    """What is wanted of `POST /api/callbacks`. With a call only what is not as in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    desk: Annotated[str, Field(min_length=1, max_length=100)]
    call: Annotated[str, Field(max_length=100)] = ""
    number: Annotated[str, Field(max_length=32)] = ""
    language: Literal["cmn", "yue", "en", ""] = ""
    skills: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=4)] = ()


class BookingBook(Protocol):
    """Where bookings are kept; all may raise StoreError."""

    async def listed(
        self, states: Collection[State], limit: int | None = None
    ) -> list[Booking]: ...
    async def between(self, begin: datetime, end: datetime) -> list[Booking]: ...
    async def find(self, id: int) -> Booking | None: ...
    async def done(self, id: int, now: datetime) -> bool: ...
    async def cancel(self, id: int, now: datetime) -> bool: ...


class CallbackViews:
    """The views. Agents may book and take off, too; the log says who did.

    `book` returns the booking, or why there is none; it may raise StoreError.
    """

    def __init__(
        self,
        bookings: BookingBook,
        book: Callable[[Wanted], Awaitable[Booking | str]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._bookings = bookings
        self._book = book
        self._clock = clock

    def add_to(self, app: web.Application) -> None:
        """Put the views into an application, which has rights."""
        app.add_routes(
            [
                web.get("/api/callbacks", self.listed),
                web.get("/api/callbacks/figures", self.figures),
                web.post("/api/callbacks", self.book),
                web.post("/api/callbacks/{id:[0-9]{1,9}}/done", self.done),
                web.delete("/api/callbacks/{id:[0-9]{1,9}}", self.cancel),
            ]
        )

    async def listed(self, request: web.Request) -> web.Response:
        """Return the promises in a `state`, those still to be kept unless one is given."""
        if unknown := sorted(set(request.query) - {"state"}):
            return error(400, f"there is no parameter {quoted(unknown[0])}; there is: state")
        asked = request.query.getall("state", [])
        if wrong := [state for state in asked if state not in list(State)]:
            known = ", ".join(State)
            return error(400, f"there is no state {quoted(wrong[0])}; there are {known}")
        states = [State(state) for state in asked] or _LIVE
        found = await self._bookings.listed(states, MOST)
        return web.json_response([_told(booking) for booking in found])

    async def figures(self, request: web.Request) -> web.Response:
        """Return what became of the promises of so many `days`, by desk and day."""
        given = request.query.get("days", "7")
        is_right = given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= LONGEST
        if set(request.query) - {"days"} or not is_right:
            return error(400, f"'days' is a whole number from 1 to {LONGEST}, and all there is")
        now = self._clock()
        begin = now - timedelta(days=int(given))
        counted = promises(await self._bookings.between(begin, now + AHEAD))
        return web.json_response([asdict(day) | {"day": f"{day.day}"} for day in counted])

    async def book(self, request: web.Request) -> web.Response:
        """Book a call back for a caller."""
        who = request[WHO]
        try:
            wanted = Wanted.model_validate_json(await request.read())
        except ValidationError as wrong:
            first = wrong.errors()[0]
            place = ".".join(map(str, first["loc"]))
            return error(400, f"{place}: {first['msg']}" if place else first["msg"])
        booking = await self._book(wanted)
        if isinstance(booking, str):
            return error(409, booking)
        _log.info("= %s books the call back %d", who.name, booking.id)
        return web.json_response(_told(booking), status=201)

    async def done(self, request: web.Request) -> web.Response:
        """Take one off whom somebody has called back by hand."""
        return await self._change(request, self._bookings.done, "has called back")

    async def cancel(self, request: web.Request) -> web.Response:
        """Call nobody back: the caller does not want it any more."""
        return await self._change(request, self._bookings.cancel, "cancels the call back")

    async def _change(self, request: web.Request, change: Change, does: str) -> web.Response:
        who = request[WHO]
        id = int(request.match_info["id"])
        if await change(id, self._clock()):
            _log.info("= %s %s %d", who.name, does, id)
        elif await self._bookings.find(id) is None:
            return error(404, f"there is no call back {id}")
        else:
            return error(409, f"call back {id} is over")
        booking = await self._bookings.find(id)
        return web.json_response(booking and _told(booking))


def _told(booking: Booking) -> dict[str, object]:
    moments = {"asked": booking.asked, "promised": booking.promised}
    if booking.not_before:
        moments["not_before"] = booking.not_before
    said = {name: moment.isoformat().replace("+00:00", "Z") for name, moment in moments.items()}
    return asdict(booking) | said
