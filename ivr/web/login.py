"""Logging in and out over HTTP, and who one is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

from aiohttp import web

from ivr.store.audit import Entry
from ivr.web.api import error
from ivr.web.bodies import said
from ivr.web.credentials import Credentials
from ivr.web.rights import WHO, Who, address_of, refuse_strangers
from ivr.web.sessions import Sessions, csrf

KEYS = {"name", "password"}


class LoginViews:
    """The views; `audit` writes down who comes and who goes."""

    def __init__(
        self,
        credentials: Credentials,
        sessions: Sessions,
        audit: Callable[[Entry], Awaitable[int]],
    ) -> None:
        self._credentials = credentials
        self._sessions = sessions
        self._audit = audit

    def add_to(self, app: web.Application) -> None:
        """Put the views into an application, which has RIGHTS."""
        app.add_routes(
            [
                web.get("/api/session", self.show),
                web.post("/api/session", self.begin),
                web.delete("/api/session", self.end),
            ]
        )

    async def show(self, request: web.Request) -> web.Response:
        """Return who asks, and what a change has to be asked with."""
        return web.json_response(_told(request[WHO], self._sessions.token(request)))

    async def begin(self, request: web.Request) -> web.Response:
        """Log in."""
        refuse_strangers(request)
        if request.content_type != "application/json":
            # A form of another site could send anything else without asking us before.
            return error(415, "JSON is expected: Content-Type: application/json")
        try:
            given = await said(request)
        except ValueError:
            given = None
        if not isinstance(given, dict) or set(given) != KEYS or not _are_texts(given.values()):
            return error(400, 'the body is {"name": "1001", "password": "…"}')
        address = address_of(request)
        known = await self._credentials.admitted(given["name"], given["password"], address)
        await self._audit(_entry(known.name, "log in", address))
        token = await self._sessions.begin(request, known)
        response = web.json_response(_told(Who(known.name, known.role), token), status=201)
        self._sessions.put_cookie(response, token)
        return response

    async def end(self, request: web.Request) -> web.Response:
        """Log out."""
        await self._audit(_entry(request[WHO].name, "log out", address_of(request)))
        await self._sessions.end(self._sessions.token(request))
        response = web.json_response({})
        self._sessions.put_cookie(response, "")
        return response


def _are_texts(given: Iterable[object]) -> bool:
    return all(isinstance(each, str) for each in given)


def _entry(who: str, what: str, address: str) -> Entry:
    return Entry(datetime.now(UTC), who, what, address, "done")


def _told(who: Who, token: str) -> dict[str, str | None]:
    return {"name": who.name, "role": who.role, "csrf": csrf(token) if token else None}
