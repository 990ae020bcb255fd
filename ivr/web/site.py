"""The application on a port, and an answer for peers that do not even speak HTTP."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler

from ivr.errors import IvrError
from ivr.web.api import HEADERS, error
from ivr.web.door import Peers, opened

LONGEST_LINE = 4096  # bytes, of the request line and of any header
MOST_HEADERS = 64
IDLE = 30.0  # seconds until the head of the next request has to be there, whole
SLOWEST_READER = 60.0  # seconds that one may take to read an answer
LAST_WORDS = 2.0  # seconds a request in progress gets when the hotline stops

log = logging.getLogger(__name__)


class WebError(IvrError):
    """The pages cannot be put on the port that was asked for."""


@asynccontextmanager
async def serving(
    app: web.Application,
    host: str = "127.0.0.1",
    port: int = 8080,
    encryption: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Serve `app` while the block runs; yield the port, which the system chooses for port 0.

    With `encryption` it is HTTPS and nothing else.

    Raises WebError when the port is taken or not ours to take. On a loopback address only
    requests that name a loopback host are answered: otherwise any web page an operator visits
    could read callers' numbers through a name it points at 127.0.0.1 (DNS rebinding).
    """
    if _is_loopback(host):
        app.middlewares.insert(0, _only_local_names)  # before anybody is asked for a password
    elif encryption:
        # Not of loopback names, which are everybody's on this machine: it is told by host.
        app.on_response_prepare.append(_only_https)
    runner = _Runner(
        app,
        access_log=None,
        keepalive_timeout=IDLE,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        max_headers=MOST_HEADERS,
        shutdown_timeout=LAST_WORDS,
    )
    await runner.setup()
    try:
        server = runner.server
        assert isinstance(server, _Server)
        door = opened(host, port, encryption, server.peers, server)
        async with AsyncExitStack() as stack:
            try:
                at = await stack.enter_async_context(door)
            except OSError as problem:
                raise WebError(f"the pages cannot listen on {host}:{port}: {problem}") from problem
            yield at
    finally:
        await runner.cleanup()


@web.middleware
async def _only_local_names(request: web.Request, handler: Handler) -> web.StreamResponse:
    # Not request.url: yarl raises on a port that is none.
    named = re.sub(r":[0-9]*$", "", request.headers.get("Host", ""))
    if not _is_loopback(named.removeprefix("[").removesuffix("]")):
        return error(421, "only requests to localhost are answered here")
    return await handler(request)


async def _only_https(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Connection(RequestHandler):
    """aiohttp's, but the door knows when it is over, and what goes wrong is told as JSON.

    aiohttp waits for ever for who does not read her answer. It answers bytes that are not HTTP in
    plain text with its version (web_protocol.py, handle_error), and no middleware or signal sees
    that answer.
    """

    __slots__ = ()

    def connection_lost(self, exc: BaseException | None) -> None:
        server = self._manager
        if server is not None:
            assert isinstance(server, _Server)
            server.peers.drop(self)
        super().connection_lost(exc)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        # Files and events are as long as they are; what is whole in memory goes out of it.
        longest = SLOWEST_READER if type(resp) is web.Response else None
        try:
            async with asyncio.timeout(longest):
                return await super().finish_response(request, resp, start_time)
        except TimeoutError:
            if self.transport is not None:
                self.transport.abort()
            raise ConnectionError("the answer was not read") from None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status < 500:
            log.debug("a request that is not HTTP: %s", exc)
            told = "this is not a request that HTTP allows, or it is too long"
        else:
            log.error("answering %s %s failed", request.method, request.path, exc_info=exc)
            told = "something went wrong here; the log tells what"
        if request.writer.output_size > 0:
            raise ConnectionError("part of an answer was sent, no other can follow")
        response = error(status, told)
        response.headers.update(HEADERS)
        response.force_close()
        return response


class _Server(web.Server):
    peers: Peers

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Runner(web.AppRunner):
    __slots__ = ()

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        server = _Server(
            made.request_handler,
            request_factory=made.request_factory,
            loop=made._loop,
            **made._kwargs,
        )
        server.peers = Peers()
        return server
