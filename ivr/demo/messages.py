"""The demo carrier's text messages: taken, each once, and shown.

    POST /messages   {"to": "13800138000", "text": "…", "language": "cmn"}
    GET  /messages   → the latest, newest first, each with its id

They are forgotten with the process.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Literal
from uuid import uuid4

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from ivr.demo.bodies import read

# It is a demonstration: what is older is forgotten.
KEPT = 200

_dumps = partial(json.dumps, ensure_ascii=False)


class Message(BaseModel):
    """A text message as it is given."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[str, Field(strict=True, pattern=r"^[0-9]{3,20}$")]
    text: Annotated[str, Field(strict=True, min_length=1, max_length=2000)]
    language: Literal["cmn", "yue", "en"]


class Messages:
    """The routes. `fault` is awaited before a message is taken, and may answer in its place."""

    def __init__(self, fault: Callable[[], Awaitable[web.Response | None]]) -> None:
        self._fault = fault
        self._taken: dict[str, Message] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return them."""
        return [web.post("/messages", self._take), web.get("/messages", self._show)]

    async def _take(self, request: web.Request) -> web.Response:
        message = await read(request, Message)
        # Without a key each request is a message of its own.
        id = request.headers.get("Idempotency-Key", "")[:64] or uuid4().hex
        if fault := await self._fault():
            return fault
        self._taken.setdefault(id, message)
        if len(self._taken) > KEPT:
            del self._taken[next(iter(self._taken))]
        return web.json_response({"id": id}, status=202)

    async def _show(self, request: web.Request) -> web.Response:
        shown = [{"id": id, **message.model_dump()} for id, message in self._taken.items()]
        return web.json_response(shown[::-1], dumps=_dumps)
