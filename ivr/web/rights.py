"""Who asks, and whether she may: each request is let in by `guard`, by the table of `paths`.

Programs say who they are at each request (HTTP Basic); browsers are logged in (`sessions`).
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from ivr.store.audit import Entry
from ivr.web import guesses
from ivr.web.bodies import said
from ivr.web.credentials import Credentials, Known, slower
from ivr.web.guesses import Pace
from ivr.web.paths import BY_ROUTE, SUPERVISORS, Path, Role
from ivr.web.sessions import Sessions

SLOWEST_BODY = 10.0  # seconds that the body of a request may take to come


@dataclass(frozen=True)
class Who:
    """A user: an agent's number, `operator` or the name of an account; and what she is."""

    name: str
    role: Role

    @property
    def is_supervisor(self) -> bool:
        """Whether she may act for others."""
        return self.role in SUPERVISORS


WHO = web.RequestKey("who", Who)
"""Who asks, of what was let in with a login: `request[WHO]`."""


class Rights:
    """Lets requests in; `audit` writes down, before it is done, what shall be changed."""

    def __init__(
        self,
        credentials: Credentials,
        sessions: Sessions | None = None,
        audit: Callable[[Entry], Awaitable[int]] | None = None,
    ) -> None:
        self._credentials = credentials
        self._sessions = sessions
        self._audit = audit
        self._pace = Pace(guesses.PER_SECOND, guesses.AT_ONCE)

    async def let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer who may ask. Raises the HTTP refusals that it gives others, and StoreError."""
        address = address_of(request)
        if request.match_info.http_exception is not None:  # there is no such path, or method
            self._slow_down(address)
            return await handler(request)
        path = _path(request)
        who: Who | None = None
        if path.may is not None and not (path.is_here and _is_here(request)):
            known = await self._known(request)
            who = request[WHO] = Who(known.name, known.role)
        self._slow_down(who.name if who else address)
        if who and path.may is not None and who.role not in path.may:
            raise web.HTTPForbidden(reason=f"only {_listed(path.may)} may do this")
        await _read(request)
        if who and path.act and self._audit:
            # Whom it is about: an agent, or the number of a call back.
            whom = next(iter(request.match_info.values()), "")
            why = await _words(request, path)
            await self._audit(Entry(datetime.now(UTC), who.name, path.act, whom, "asked", why=why))
        return await handler(request)

    async def _known(self, request: web.Request) -> Known:
        refuse_strangers(request)
        said = request.headers.get("Authorization")
        if said is not None:
            try:
                name, password = login(said)
            except ValueError:
                raise _unknown() from None
            return await self._credentials.admitted(name, password, address_of(request))
        known = await self._sessions.known(request) if self._sessions else None
        if known is None:
            raise _unknown()
        return known

    def _slow_down(self, who: str) -> None:
        if wait := self._pace.wait(who, time.monotonic()):
            raise slower(wait, "you ask too fast")


RIGHTS = web.AppKey("rights", Rights)
"""Where an application has them."""


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who may ask, by the application's RIGHTS."""
    return await request.app[RIGHTS].let_in(request, handler)


def may_change(request: web.Request, agent: str) -> Who:
    """Return who asks, if she may change what is this agent's. Raises HTTPForbidden."""
    who = request[WHO]
    if who.name != agent and not who.is_supervisor:
        others = "supervisors and the operator"
        raise web.HTTPForbidden(reason=f"only {agent}, {others} may do this")
    return who


def login(said: str) -> tuple[str, str]:
    """Return the user and the password of an Authorization header. Raises ValueError."""
    scheme, _, coded = said.partition(" ")
    user, colon, password = base64.b64decode(coded, validate=True).decode().partition(":")
    if scheme.lower() != "basic" or not colon:
        raise ValueError("no user and password")
    return user, password


def refuse_strangers(request: web.Request) -> None:
    """Refuse what a page of another site asks: browsers send what they know of us along with it.

    Raises HTTPForbidden.
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("Host"):
        raise web.HTTPForbidden(reason="pages of other sites may not ask this")


def address_of(request: web.Request) -> str:
    """Return the address of the peer: behind a proxy, the proxy's."""
    return request.remote or ""


def _path(request: web.Request) -> Path:
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    path = BY_ROUTE.get((method, resource.canonical)) if resource else None
    if path is None:
        raise web.HTTPForbidden(reason="nobody may ask this")
    return path


def _is_here(request: web.Request) -> bool:
    """Whether a program of this machine asks, and no proxy for somebody else."""
    if {"Forwarded", "X-Forwarded-For"} & {name.title() for name in request.headers}:
        return False
    try:
        return ipaddress.ip_address(address_of(request)).is_loopback
    except ValueError:
        return False


async def _read(request: web.Request) -> None:
    """Read the body, which is short, before anything is done. Raises HTTPRequestTimeout."""
    if request.body_exists:
        try:
            async with asyncio.timeout(SLOWEST_BODY):
                await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(reason="the rest of the request did not come") from None


async def _words(request: web.Request, path: Path) -> str:
    """Return what of a body may be written down."""
    try:
        body = await said(request)
    except ValueError:
        return ""
    given = body.values() if isinstance(body, dict) else ()
    return ", ".join(word for word in given if isinstance(word, str) and word in path.words)


def _unknown() -> web.HTTPUnauthorized:
    return web.HTTPUnauthorized(
        reason="user and password are needed; `ivr agents --secrets` lists them"
    )


def _listed(roles: frozenset[Role]) -> str:
    if roles == SUPERVISORS:
        return "supervisors and the operator"
    names = [f"{role}s" if role != Role.OPERATOR else "the operator" for role in Role]
    some = [name for name, role in zip(names, Role, strict=True) if role in roles]
    return f"{', '.join(some[:-1])} and {some[-1]}"
