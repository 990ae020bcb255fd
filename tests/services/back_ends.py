"""Back ends on real sockets: what is declared of them, and how each answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from ivr.flow.declaring import declare
from ivr.flow.services import Declared
from ivr.services.http import Services

BALANCE = "billing.balance"

KNOWN = {"number": "13800138000"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def billing(time_limit: str = "5s", tries: int = 2) -> Declared:
    found, problems = declare(
        "services.yaml",
        f"""
billing:
  url: http://127.0.0.1:9
  time_limit: {time_limit}
  tries: {tries}
  lookups:
    balance:
      get: /customers/{{number}}
      missing: [404]
      gives: {{balance: money, expires: date, name: text, language: language, plan: text}}
    one:
      get: /one/{{number}}
      gives: {{x: money}}
    change:
      post: /change/{{number}}
      sends: [card]
      gives: {{x: money}}
""",
    )
    assert found is not None, problems
    return found


def asking(server: TestServer, declared: Declared | None = None) -> Services:
    return Services(declared or billing(), {"billing": str(server.make_url(""))})


async def fault(server: TestServer, **faults: object) -> None:
    """Put the demo back end into a fault, by its own door."""
    async with (
        aiohttp.ClientSession() as session,
        session.put(server.make_url("/faults"), json=faults) as done,
    ):
        assert done.status == 200


@asynccontextmanager
async def peer(behaviour: Peer) -> AsyncIterator[str]:
    """Listen on a free port and treat every connection so; gives the address."""
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behaviour(reader, writer)
        except ConnectionError:
            pass  # they left in the middle, which is what many of these tests are about
        finally:
            writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(talk(reader, writer)))

    async with await asyncio.start_server(begin, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for one in talks:
            one.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def saying(answer: bytes) -> Peer:
    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return behaviour


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[TestServer]:
    """Answer every `billing.one` so."""
    app = web.Application()
    app.router.add_get(r"/one/{number:[\s\S]+}", handler)
    app.router.add_post("/change/{number}", handler)
    server = TestServer(app)
    async with server:
        yield server
