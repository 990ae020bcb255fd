"""The desks over HTTP: the picture of now, the figures of days, and the calls behind each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web

from ivr.desk.picture import Picture
from ivr.past.figures import AGAIN, Figure, figures
from ivr.past.marks import Mark
from ivr.past.waits import Wait
from ivr.store.waits import TooMany
from ivr.web.api import error, quoted, reply
from ivr.web.events import Events, as_json
from ivr.web.period import counted, period


class WaitBook(Protocol):
    """Where waits are read; may raise StoreError, and TooMany."""

    async def between(self, begin: datetime, end: datetime) -> list[Wait]: ...


class MarkBook(Protocol):
    """Where marks are read; may raise StoreError."""

    async def between(self, begin: datetime, end: datetime) -> list[Mark]: ...


class DeskViews:
    """The views; `wrap_ups` are the desks, with the seconds after a call of each."""

    def __init__(
        self,
        look: Callable[[], Picture],
        waits: WaitBook,
        wrap_ups: Callable[[], dict[str, float]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        marks: MarkBook | None = None,
    ) -> None:
        self.events = Events(look)
        self._look = look
        self._waits = waits
        self._wrap_ups = wrap_ups
        self._clock = clock
        self._marks = marks

    def add_to(self, app: web.Application) -> None:
        """Put the views into an application."""
        app.on_shutdown.append(self.events.end)
        app.add_routes(
            [
                web.get("/api/desks", self.desks),
                web.get("/api/desks/{desk}/figures", self.figures),
                web.get("/api/desks/{desk}/calls", self.calls),
                web.get("/api/events", self.events.view, allow_head=False),
            ]
        )

    async def desks(self, _request: web.Request) -> web.Response:
        """Return the picture of now."""
        return reply(as_json(self._look()))

    async def figures(self, request: web.Request) -> web.Response:
        """Return every figure of a desk, with how many calls are behind it."""
        found = await self._count(request, {"from", "to"})
        if isinstance(found, web.Response):
            return found
        return web.json_response(counted(found))

    async def calls(self, request: web.Request) -> web.Response:
        """Return the ids of the calls behind one figure."""
        found = await self._count(request, {"from", "to", "figure"})
        if isinstance(found, web.Response):
            return found
        name = request.query.get("figure", "")
        if name not in found:
            return error(400, f"there is no figure {quoted(name)}; there are {', '.join(found)}")
        return web.json_response(found[name].calls)

    async def _count(
        self, request: web.Request, known: Collection[str]
    ) -> dict[str, Figure] | web.Response:
        desk = request.match_info["desk"]
        wrap_up = self._wrap_ups().get(desk)
        if wrap_up is None:
            return error(404, f"there is no desk {quoted(desk)}")
        now = self._clock()
        try:
            begin, end = period(request, known, now)
            waits = await self._waits.between(begin - AGAIN, end + AGAIN)
            marks = await self._marks.between(begin, end + AGAIN) if self._marks else []
        except TooMany as refusal:
            return error(413, f"{refusal}; ask for fewer days")
        except ValueError as refusal:
            return error(400, str(refusal))
        # A busy month takes seconds to count; calls go on meanwhile.
        return await asyncio.to_thread(figures, waits, desk, wrap_up, begin, end, now, marks)
