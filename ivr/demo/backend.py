"""The demo back end: a small carrier's customer service over HTTP, with faults on request.

    GET  /customers/13800138000   → {"number": "13800138000", "balance": "123.45", …}
    PUT  /customers/13800138000   {"balance": "9.90"}: changes these fields; a new one needs all
    PUT  /faults                  {"delay": "3s", "status": 500, "garble": true}; {} mends all
    POST /messages                a text message; GET shows what was taken (ivr.demo.messages)
    GET  /healthz                 → {"ok": true, "pid": 4711}

What customers do by themselves is in `ivr.demo.self_service`. Every refusal is 4xx with
{"error": "…"}. Faults hit what customers ask for and /messages, not /faults and /healthz.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from ivr.demo.bodies import LARGEST_BODY, Change, Faults, read, refuse
from ivr.demo.customers import FIELDS, Customers
from ivr.demo.lines import Lines
from ivr.demo.messages import Messages
from ivr.demo.self_service import SelfService

# Everything after the slash is a number, or is told that it is none; aiohttp's own {number} would
# answer 404 for one with a brace or a slash in it.
_CUSTOMER = r"/customers/{number:[\s\S]*}"
_NUMBER = re.compile(r"[0-9]{3,20}")
_RUBBISH = b'{"balance": "12'

# Names are to be read by people with curl.
_dumps = partial(json.dumps, ensure_ascii=False)

log = logging.getLogger(__name__)


def application(database: Path) -> web.Application:
    """Return the back end as an application; its database is opened when it starts."""
    backend = _Backend(Customers(database))
    app = web.Application(middlewares=[_errors_as_json], client_max_size=LARGEST_BODY)
    app.cleanup_ctx.append(backend.opened)
    app.add_routes(
        [
            *backend.self_service.routes(),
            *backend.messages.routes(),
            web.get(_CUSTOMER, backend.get_customer),
            web.put(_CUSTOMER, backend.put_customer),
            web.get("/faults", backend.get_faults),
            web.put("/faults", backend.put_faults),
            web.get("/healthz", backend.get_health),
        ]
    )
    return app


async def serve(host: str, port: int, database: Path) -> None:
    """Serve until cancelled, then close everything. Creates and fills the database file at first.

    Raises OSError when the port is taken, `sqlalchemy.exc.SQLAlchemyError` when the file cannot
    be opened as a database.
    """
    runner = web.AppRunner(application(database), access_log=None, shutdown_timeout=0.5)
    try:
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        log.info("= demo back end is at http://%s:%d", host, port)
        await asyncio.get_running_loop().create_future()
    finally:
        await runner.cleanup()


class _Backend:
    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._lines = Lines(customers.engine)
        self.self_service = SelfService(customers, self._lines, self._fault)
        self.messages = Messages(self._fault)
        self._faults = Faults()
        self._told: dict[str, Any] = {}

    async def opened(self, app: web.Application) -> AsyncIterator[None]:
        try:
            await self._customers.open()
            await self._lines.open()
            yield
        finally:
            await self._customers.close()

    async def get_customer(self, request: web.Request) -> web.Response:
        number = _number(request)
        if fault := await self._fault():
            return fault
        return await self._customer(number, 200)

    async def put_customer(self, request: web.Request) -> web.Response:
        number = _number(request)
        change = await read(request, Change)
        if fault := await self._fault():
            return fault
        if change.number not in (None, number):
            refuse(f"number: is {number} in the path; leave it out or repeat it")
        fields = change.model_dump(include=change.model_fields_set - {"number"})
        if await self._customers.change(number, fields):
            return await self._customer(number, 200)
        if left_out := [name for name in FIELDS if name not in fields]:
            refuse(f"{', '.join(left_out)}: needed, as there is no customer {number} yet")
        await self._customers.create(number, fields)
        return await self._customer(number, 201)

    async def get_faults(self, request: web.Request) -> web.Response:
        return web.json_response(self._told)

    async def put_faults(self, request: web.Request) -> web.Response:
        self._faults = await read(request, Faults)
        self._told = self._faults.model_dump(exclude_unset=True)
        if "delay" in self._told:
            self._told["delay"] = f"{self._faults.delay:g}s"
        return web.json_response(self._told)

    async def get_health(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "pid": os.getpid()})

    async def _customer(self, number: str, status: int) -> web.Response:
        customer = await self._customers.find(number)
        if customer is None:
            return _error(404, f"there is no customer {number}")
        customer["balance"] = f"{customer['balance']:.2f}"
        customer["expires"] = customer["expires"].isoformat()
        return web.json_response(customer, status=status, dumps=_dumps)

    async def _fault(self) -> web.Response | None:
        """Wait as long as asked for, and return what is answered in place of the truth."""
        faults = self._faults
        await asyncio.sleep(faults.delay)
        if faults.status is not None:
            return _error(faults.status, "a fault was asked for")
        if faults.garble:
            return web.Response(body=_RUBBISH, content_type="application/json")
        return None


def _number(request: web.Request) -> str:
    number = request.match_info["number"]
    if not _NUMBER.fullmatch(number):
        raise web.HTTPBadRequest(text="number: 3 to 20 digits are expected")
    return number


def _error(status: int, reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=status)


@web.middleware
async def _errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as refused:
        return _error(refused.status, refused.text or refused.reason)
