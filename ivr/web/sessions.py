"""Browsers that are logged in: a cookie no script can read, and a token no other site can know."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from aiohttp import web

from ivr.store.accounts import Session
from ivr.web.credentials import Credentials, Known

LONGEST = timedelta(hours=12)  # a shift; then she logs in again
IDLE = timedelta(hours=1)
TOLD_EVERY = timedelta(minutes=1)  # how exactly it is kept when a session was last used
CSRF = "X-CSRF-Token"
SAFE = ("GET", "HEAD")


class SessionBook(Protocol):
    """Where sessions are kept; all may raise StoreError."""

    async def begin(
        self, session: Session, instead_of: str, dead: datetime, idle: datetime
    ) -> None: ...
    async def find(self, key: str) -> Session | None: ...
    async def see(self, key: str, at: datetime) -> None: ...
    async def end(self, key: str) -> None: ...


class Sessions:
    """Sessions, begun and ended; with `is_secure` their cookie travels by HTTPS alone.

    Only the hash of what a cookie holds is kept: who reads the database is logged in as nobody.
    """

    def __init__(
        self,
        book: SessionBook,
        credentials: Credentials,
        is_secure: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._book = book
        self._credentials = credentials
        self._is_secure = is_secure
        self._clock = clock
        # A browser takes a cookie of such a name by HTTPS alone, and from no subdomain.
        self.cookie = "__Host-ivr" if is_secure else "ivr"

    async def known(self, request: web.Request) -> Known | None:
        """Return who is logged in, None for nobody.

        Raises HTTPForbidden for a change that another site may have asked for, and StoreError.
        """
        if not (token := self.token(request)):
            return None
        session, now = await self._book.find(_key(token)), self._clock()
        if session is None or session.begun < now - LONGEST or session.seen < now - IDLE:
            return None
        known = await self._credentials.known(session.name)
        if known is None or not hmac.compare_digest(known.proof, session.proof):
            await self._book.end(session.key)
            return None
        if request.method not in SAFE:
            given = request.headers.get(CSRF, "")
            is_ours = given.isascii() and hmac.compare_digest(given, csrf(token))
            if "Origin" not in request.headers or not is_ours:
                raise web.HTTPForbidden(reason=f"a change wants Origin, and {CSRF} as logged in")
        if now - session.seen > TOLD_EVERY:
            await self._book.see(session.key, now)
        return known

    def token(self, request: web.Request) -> str:
        """Return what the cookie of a request holds, "" where there is none of ours."""
        token = request.cookies.get(self.cookie, "")
        return token if token.isascii() else ""

    async def begin(self, request: web.Request, known: Known) -> str:
        """Begin a session in place of the one the browser had. Raises StoreError."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(_key(token), known.name, known.proof, now, now)
        before = _key(self.token(request))
        await self._book.begin(session, before, now - LONGEST, now - IDLE)
        return token

    async def end(self, token: str) -> None:
        """End a session. Raises StoreError."""
        await self._book.end(_key(token))

    def put_cookie(self, response: web.Response, token: str) -> None:
        """Let the browser keep a token; "" lets it forget the one it has."""
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(LONGEST.total_seconds()) if token else 0,
            path="/",
            httponly=True,
            secure=self._is_secure,
            samesite="Strict",
        )


def csrf(token: str) -> str:
    """Return what a page has to say with a change, beside the cookie."""
    return hmac.digest(token.encode(), b"csrf", "sha256").hex()


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
