"""How far off the waits were that callers were told, over HTTP, and the calls behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web

from ivr.past.figures import Figure
from ivr.past.tellings import LONGEST, SLACK, Telling, errors
from ivr.store.waits import TooMany
from ivr.web.api import error, quoted
from ivr.web.desks import WaitBook
from ivr.web.period import counted, period


class TellingBook(Protocol):
    """Where it is read what was told; may raise StoreError, and TooMany."""

    async def between(self, begin: datetime, end: datetime) -> list[Telling]: ...


class WaitErrorViews:
    """The views, of what was told and how it came."""

    def __init__(
        self,
        tellings: TellingBook,
        waits: WaitBook,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._tellings = tellings
        self._waits = waits
        self._clock = clock

    def add_to(self, app: web.Application) -> None:
        """Put the views into an application."""
        app.add_routes(
            [
                web.get("/api/desks/wait-error", self.desks),
                web.get("/api/desks/wait-error/{desk}/calls", self.calls),
            ]
        )

    async def desks(self, request: web.Request) -> web.Response:
        """Return the figures of each desk at which anything was told, with how many calls."""
        found = await self._count(request, {"from", "to"})
        if isinstance(found, web.Response):
            return found
        return web.json_response({desk: counted(some) for desk, some in found.items()})

    async def calls(self, request: web.Request) -> web.Response:
        """Return the ids of the calls behind one figure."""
        found = await self._count(request, {"from", "to", "figure"})
        if isinstance(found, web.Response):
            return found
        desk, name = request.match_info["desk"], request.query.get("figure", "")
        if desk not in found:
            return error(404, f"nobody was told a wait at {quoted(desk)} then")
        if name not in found[desk]:
            known = ", ".join(found[desk])
            return error(400, f"there is no figure {quoted(name)}; there are {known}")
        return web.json_response(found[desk][name].calls)

    async def _count(
        self, request: web.Request, known: Collection[str]
    ) -> dict[str, dict[str, Figure]] | web.Response:
        try:
            begin, end = period(request, known, self._clock())
            told = await self._tellings.between(begin, end)
            waits = await self._waits.between(begin - LONGEST, end + SLACK)
        except TooMany as refusal:
            return error(413, f"{refusal}; ask for fewer days")
        except ValueError as refusal:
            return error(400, str(refusal))
        return await asyncio.to_thread(errors, told, waits)
