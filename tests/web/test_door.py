"""The door of the pages: who is not encrypted yet is counted too, and not waited for long."""

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import uvloop
from aiohttp import web

from ivr.switch import tls
from ivr.web import door, site

RUNNERS = pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
Run = Callable[[Awaitable[None]], None]


@pytest.fixture
def encryption(tmp_path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls.make(tmp_path, ["127.0.0.1"]))
    return context


@contextlib.asynccontextmanager
async def pages(encryption: ssl.SSLContext) -> AsyncIterator[int]:
    """Serve a page of one word; nothing is left open afterwards."""

    async def word(_request: web.Request) -> web.Response:
        return web.Response(text="well")

    app = web.Application()
    app.router.add_get("/", word)
    before = sockets()
    async with site.serving(app, "0.0.0.0", 0, encryption) as port:
        yield port
    for _ in range(500):
        if sockets() == before:
            break
        await asyncio.sleep(0.01)
    assert sockets() == before


def sockets() -> int:
    """Return how many this process has open."""
    count = 0
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(link).startswith("socket:")
    return count


async def asked(port: int) -> str:
    """Ask on a connection of its own."""
    connector = aiohttp.TCPConnector(ssl=False)
    async with (
        aiohttp.ClientSession(connector=connector) as http,
        http.get(f"https://127.0.0.1:{port}/") as answer,
    ):
        return await answer.text()


async def held(readers: list[asyncio.StreamReader], within: float) -> int:
    """Return how many of these are not closed by then."""
    done = await asyncio.wait(
        [asyncio.create_task(reader.read()) for reader in readers], timeout=within
    )
    for task in done[1]:
        task.cancel()
    return len(done[1])


@RUNNERS
def test_who_is_not_encrypted_takes_a_place_and_not_for_long(
    run: Run, encryption: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST_OF_ONE", 5)
    monkeypatch.setattr(door, "HANDSHAKE", 1.0)

    async def come() -> None:
        async with pages(encryption) as port:
            silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
            assert await held([reader for reader, _ in silent], 0.5) == 5
            with pytest.raises(aiohttp.ClientError):
                await asked(port)
            # Nor is she waited for who says half of its beginning, or what is none.
            silent[0][1].write(b"\x16\x03\x01")
            silent[1][1].write(b"GET / HTTP/1.1\r\n\r\n")
            async with asyncio.timeout(5):
                while await held([reader for reader, _ in silent], 0.1):
                    pass
            assert await asked(port) == "well"
            for _, writer in silent:
                writer.close()

    run(come())


@RUNNERS
def test_who_is_encrypted_is_answered_however_many_come_at_once(
    run: Run, encryption: ssl.SSLContext
) -> None:
    async def come() -> None:
        async with pages(encryption) as port:
            for _ in range(4):
                answers = await asyncio.gather(*(asked(port) for _ in range(50)))
                assert answers == ["well"] * 50

    run(come())


@RUNNERS
def test_whoever_goes_before_she_is_in_leaves_her_place(
    run: Run, encryption: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST_OF_ONE", 3)

    async def come() -> None:
        async with pages(encryption) as port:
            for _ in range(30):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.transport.abort()
            async with asyncio.timeout(5):
                while True:
                    with contextlib.suppress(aiohttp.ClientError):
                        assert await asked(port) == "well"
                        break

    run(come())


@RUNNERS
def test_who_is_not_in_yet_keeps_nothing_from_stopping(
    run: Run, encryption: ssl.SSLContext
) -> None:
    async def come() -> None:
        async with pages(encryption) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await held([reader], 0.1) == 1
            writer.close()

    run(come())
