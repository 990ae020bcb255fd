"""What operators may ask over HTTP: is every part well, what became of the calls, who is there.

JSON beside one page; every answer that is not a success is
`{"error": "..."}`. What callers sent (a caller id may be anything) leaves here only as JSON
strings, and the page puts them on screen as text.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Handler

from ivr.flow.record import ID_FORMAT, CallRecord
from ivr.store.calls import MOST
from ivr.store.database import StoreError
from ivr.web.rights import RIGHTS, Rights, guard

USUAL = 50  # calls listed when the question does not say how many
LONGEST_HEALTH = 5.0  # seconds until a part that does not answer counts as unwell
FILES = {"/": "page.html", "/page.css": "page.css", "/page.js": "page.js"}
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
HEADERS = {
    "Server": "ivr",  # aiohttp would tell its version and Python's
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """How one part of the hotline is: its process id (None: it has none) and a word on it."""

    ok: bool
    pid: int | None
    detail: str = ""


class CallBook(Protocol):
    """Where call records are read; both may raise StoreError."""

    async def latest(self, limit: int) -> list[CallRecord]: ...
    async def find(self, id: str) -> CallRecord | None: ...


@dataclass(frozen=True)
class Sources:
    """What the pages show. `board` returns a JSON-able mapping with `agents` and `queues`.

    `versions` tells by which version calls are led, JSON-able, too.
    """

    calls: CallBook
    health: Callable[[], Awaitable[Mapping[str, Part]]]
    board: Callable[[], Mapping[str, object]]
    versions: Callable[[], Awaitable[Mapping[str, object]]]


def application(sources: Sources, rights: Rights) -> web.Application:
    """Return the application, which asks `rights`; `ivr.web.site` puts it on a port."""
    views = _Views(sources)
    app = web.Application(middlewares=[errors_as_json, guard], client_max_size=4096)
    app[RIGHTS] = rights
    app.on_response_prepare.append(_add_headers)
    app.add_routes(
        [
            web.get("/healthz", views.health),
            web.get("/api/calls", views.calls),
            web.get("/api/calls/{id:[^/]+}", views.call),
            web.get("/api/agents", views.agents),
            web.get("/api/queues", views.queues),
            web.get("/api/versions", views.versions),
            *(web.get(path, _file(name)) for path, name in FILES.items()),
        ]
    )
    return app


def error(status: int, text: str) -> web.Response:
    """Return an error as every error here looks."""
    return _json({"error": text}, status)


class _Views:
    def __init__(self, sources: Sources) -> None:
        self._from = sources

    async def health(self, _request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(LONGEST_HEALTH):
                parts = await self._from.health()
        except TimeoutError:
            late = f"the parts did not tell how they are within {LONGEST_HEALTH:g} s"
            return _json({"ok": False, "parts": {}, "error": late}, 503)
        ok = all(part.ok for part in parts.values())
        told = {name: asdict(part) for name, part in parts.items()}
        return _json({"ok": ok, "parts": told}, 200 if ok else 503)

    async def calls(self, request: web.Request) -> web.Response:
        if unknown := sorted(set(request.query) - {"limit"}):
            return error(400, f"there is no parameter {quoted(unknown[0])}; there is: limit")
        given = request.query.getall("limit", [str(USUAL)])
        limit = _whole_number(given[0])
        if len(given) > 1 or limit is None or not 1 <= limit <= MOST:
            asked = quoted(", ".join(given))
            return error(400, f"limit must be one whole number from 1 to {MOST}, not {asked}")
        records = await self._from.calls.latest(limit)
        return reply(await asyncio.to_thread(_listed, records))

    async def call(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        if not ID_FORMAT.fullmatch(id):
            return error(400, "a call's id is 1 to 100 letters, digits, dots, hyphens, underscores")
        record = await self._from.calls.find(id)
        if record is None:
            return error(404, f"there is no call {quoted(id)}")
        return reply(record.model_dump_json(by_alias=True))

    async def agents(self, _request: web.Request) -> web.Response:
        return _json(self._from.board()["agents"])

    async def queues(self, _request: web.Request) -> web.Response:
        return _json(self._from.board()["queues"])

    async def versions(self, _request: web.Request) -> web.Response:
        return _json(await self._from.versions())


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what aiohttp and the store refuse into JSON; `ivr.web.site` does it for the rest."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as refusal:
        allowed = ", ".join(sorted(refusal.allowed_methods))
        response = error(405, f"{quoted(request.method)} is not possible here; {allowed} is")
        response.headers["Allow"] = allowed
        return response
    except web.HTTPUnauthorized as refusal:
        response = error(401, refusal.reason)
        # A browser asks its user by itself for what is "Basic": the page has a form for that.
        is_script = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        scheme = "Session" if is_script else "Basic"
        response.headers["WWW-Authenticate"] = f'{scheme} realm="ivr", charset="UTF-8"'
        return response
    except web.HTTPNotFound:
        return error(404, f"there is no {quoted(request.path)} here")
    except web.HTTPException as refusal:
        response = error(refusal.status, refusal.reason)
        if later := refusal.headers.get("Retry-After"):
            response.headers["Retry-After"] = later
        return response
    except StoreError as problem:
        log.warning("%s", problem)
        return error(503, "the database does not answer just now")


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


def _file(name: str) -> Handler:
    text = resources.files(__package__).joinpath(name).read_text("utf-8")
    content_type = TYPES[name[name.rindex(".") :]]

    async def view(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=content_type, charset="utf-8")

    return view


def _json(value: object, status: int = 200) -> web.Response:
    return reply(json.dumps(value, ensure_ascii=False), status)


def reply(text: str, status: int = 200) -> web.Response:
    """Return an answer that is JSON already."""
    return web.Response(text=text, status=status, content_type="application/json")


def _listed(records: list[CallRecord]) -> str:
    # One by one: dumping a thousand at once would hold the interpreter, and calls, for 0.1 s.
    return "[" + ",".join(record.model_dump_json(by_alias=True) for record in records) + "]"


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def quoted(text: str) -> str:
    """Return what was asked as a message shows it: in quotes, and not too long."""
    return repr(text if len(text) <= 60 else text[:60] + "…")
