"""The live picture over HTTP: asked for, or sent as it changes (Server-Sent Events).

Whoever listens gets a `picture` at once and then `changes`: the rows that are new, at most every
half second. Nothing is kept for one who reads slowly: she gets the newest picture whole when she
has read the one before, and is dropped when she takes too long.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from ivr.desk.picture import Picture, Row
from ivr.meanwhile import again_and_again, meanwhile
from ivr.web.api import error

_log = logging.getLogger(__name__)

EVERY = 0.5  # seconds between two looks
SIGN_OF_LIFE = 15.0  # seconds after which one who hears nothing is told that all is well
PATIENCE = 10.0  # seconds that one may take to read what was sent
MOST_LISTENERS = 200
LONGEST = 3600.0  # seconds; who may still listen then asks again, as browsers do by themselves


class Events:
    """`GET /api/events`; `look` returns the picture of now. Look while `looking`."""

    def __init__(self, look: Callable[[], Picture]) -> None:
        self._look = look
        self._news = asyncio.Condition()
        self._wanted = asyncio.Event()
        self._listeners = 0
        self._ended = False
        self._seen = Picture(None, {}, {})
        self._number = 0
        self._whole = self._change = b""

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Look while the block runs and somebody listens; at its end everybody is let go."""
        said = "the picture of the desks is as it was: %s"
        work = again_and_again(self._look_anew, self._pause, _log.error, said)
        try:
            async with meanwhile(work, "picture of the desks"):
                yield
        finally:
            await self.end()

    async def end(self, _app: web.Application | None = None) -> None:
        """Let everybody go who listens; an application does so `on_shutdown`."""
        self._ended = True
        async with self._news:
            self._news.notify_all()

    async def view(self, request: web.Request) -> web.StreamResponse:
        """Send events until the listener goes, is too slow, or the hotline stops."""
        if self._listeners >= MOST_LISTENERS:
            return error(503, f"{MOST_LISTENERS} listen already; GET /api/desks tells the same")
        self._listeners += 1
        self._wanted.set()
        try:
            return await self._tell(request)
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._wanted.clear()

    async def _tell(self, request: web.Request) -> web.StreamResponse:
        if self._listeners == 1:
            self._turn(self._look())
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        has, until = -1, time.monotonic() + LONGEST
        with contextlib.suppress(ConnectionError):
            while not self._ended and time.monotonic() < until:
                told = self._change if has == self._number - 1 else self._whole
                if has == self._number:
                    told = b": all is well\n\n"
                has = self._number
                try:
                    async with asyncio.timeout(PATIENCE):
                        await response.write(told)
                except TimeoutError:
                    if request.transport is not None:
                        request.transport.abort()
                    return response
                await self._wait(has)
            await response.write_eof()
        return response

    async def _wait(self, has: int) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SIGN_OF_LIFE), self._news:
                await self._news.wait_for(lambda: self._ended or self._number != has)

    async def _pause(self) -> None:
        await asyncio.sleep(EVERY)
        await self._wanted.wait()

    async def _look_anew(self) -> None:
        if self._turn(self._look()):
            async with self._news:
                self._news.notify_all()

    def _turn(self, now: Picture) -> bool:
        """Make the events of a new picture; return whether anything has changed."""
        before, self._seen = self._seen, now
        if self._number and before == now:
            return False
        self._number += 1
        self._whole = _event("picture", as_json(now))
        is_fewer = (
            before.desks.keys() - now.desks.keys() or before.agents.keys() - now.agents.keys()
        )
        self._change = self._whole
        if not is_fewer:
            changes = Picture(
                now.stale_since,
                _changed(before.desks, now.desks),
                _changed(before.agents, now.agents),
            )
            self._change = _event("changes", as_json(changes))
        return True


def as_json(picture: Picture) -> str:
    """Return a picture as JSON: `stale_since`, and lists of the desks and agents."""
    rows = {"desks": list(picture.desks.values()), "agents": list(picture.agents.values())}
    return json.dumps({"stale_since": picture.stale_since, **rows}, ensure_ascii=False)


def _changed(before: Mapping[str, Row], now: Mapping[str, Row]) -> dict[str, Row]:
    return {name: row for name, row in now.items() if before.get(name) != row}


def _event(name: str, text: str) -> bytes:
    # json.dumps writes no line break, which would end the event.
    return f"event: {name}\ndata: {text}\n\n".encode()
