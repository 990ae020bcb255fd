"""The port itself: who is answered, and peers that do not speak HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web

from ivr.flow.record import CallRecord
from ivr.web import door, site
from ivr.web.api import Part, Sources, application
from ivr.web.site import WebError, serving
from tests.until import until
from tests.web.doors import AS_OPERATOR, OPERATORS, rights


class NoCalls:
    async def latest(self, limit: int) -> list[CallRecord]:
        return []

    async def find(self, id: str) -> CallRecord | None:
        return None


async def _well() -> Mapping[str, Part]:
    return {"controller": Part(ok=True, pid=1)}


async def _serves() -> Mapping[str, object]:
    return {}


def _sources() -> Sources:
    desks: dict[str, object] = {"agents": [], "queues": []}
    return Sources(calls=NoCalls(), health=_well, board=lambda: desks, versions=_serves)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(application(_sources(), rights(OPERATORS)), port=0) as chosen:
        yield chosen


async def _raw(port: int, request: bytes) -> tuple[int, str, bytes]:
    """Send these bytes, and return status, head and body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        lines = head.decode("ascii").splitlines()
        length = next(line for line in lines if line.lower().startswith("content-length:"))
        body = await reader.readexactly(int(length.split(":")[1]))
        return int(lines[0].split()[1]), head.decode("ascii"), body
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"agi_network: yes\r\n\r\n",
        b"GET /\xc4\xe3\xba\xc3 HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    ],
    ids=["tls", "agi", "gbk", "no-colon", "long-line", "long-header", "many-headers", "length"],
)
async def test_what_is_not_http_is_refused_as_json_without_versions(
    port: int, request_bytes: bytes
) -> None:
    status, head, body = await _raw(port, request_bytes)
    assert status == 400
    assert "Server: ivr\r\n" in head and "aiohttp" not in head
    assert set(json.loads(body)) == {"error"}


@pytest.mark.parametrize(
    "name",
    ["evil.example", "127.0.0.1.evil.example", "a b", ":::", "a:99999999", "%", "", "[", "0.0.0.0"],
)
async def test_a_name_pointed_at_this_machine_reads_nothing(port: int, name: str) -> None:
    request = f"GET /api/calls HTTP/1.1\r\nHost: {name}\r\n\r\n"
    status, _, body = await _raw(port, request.encode())
    assert status == 421
    assert json.loads(body) == {"error": "only requests to localhost are answered here"}


@pytest.mark.parametrize("name", ["localhost", "localhost:1", "127.0.0.1", "[::1]:8080"])
async def test_every_name_of_the_loopback_is_answered(port: int, name: str) -> None:
    login = AS_OPERATOR["Authorization"]
    request = f"GET /api/calls HTTP/1.1\r\nHost: {name}\r\nAuthorization: {login}\r\n\r\n"
    status, _, body = await _raw(port, request.encode())
    assert (status, body) == (200, b"[]")


async def test_told_to_listen_wider_it_answers_to_any_name() -> None:
    async with serving(application(_sources(), rights(OPERATORS)), "0.0.0.0", 0) as port:
        status, _, _ = await _raw(port, b"GET /healthz HTTP/1.1\r\nHost: ivr.example\r\n\r\n")
    assert status == 200


async def test_a_taken_port_is_told_in_words(port: int) -> None:
    with pytest.raises(WebError, match=f"cannot listen on 127.0.0.1:{port}"):
        async with serving(application(_sources(), rights(OPERATORS)), port=port):
            pytest.fail("two sites listen on one port")


async def test_after_the_block_nobody_listens_and_idle_peers_are_let_go() -> None:
    async with serving(application(_sources(), rights(OPERATORS)), port=0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/ca")
        await writer.drain()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    await writer.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(), 10) == b""
    except ConnectionError:
        return True


async def test_a_request_that_comes_byte_by_byte_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(site, "IDLE", 1.0)
    async with serving(application(_sources(), rights({})), port=0) as port:
        began = asyncio.get_running_loop().time()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def trickle() -> None:
            for byte in b"GET /healthz HTTP/1.1\r\nX-Slow: " + b"a" * 1000:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)

        slowly = asyncio.create_task(trickle())
        assert await closed(reader)
        assert 0.5 < asyncio.get_running_loop().time() - began < 5
        slowly.cancel()
        writer.close()


async def test_hundreds_of_connections_are_not_held_and_others_get_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "MOST_OF_ONE", 20)
    async with serving(application(_sources(), rights({})), "0.0.0.0", 0) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
        # Whoever comes from elsewhere is answered meanwhile; 127.0.0.2 is this machine as well.
        reader, writer = await asyncio.open_connection(
            "127.0.0.2", port, local_addr=("127.0.0.2", 0)
        )
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert (await asyncio.wait_for(reader.readline(), 10)).startswith(b"HTTP/1.1 200 ")
        writer.close()
        ends = [asyncio.create_task(closed(reader)) for reader, _ in held]
        await until(lambda: sum(each.done() for each in ends) >= 180, within=9)
        assert sum(each.done() for each in ends) == 180
        for each in ends:
            each.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
        for _, writer in held:
            writer.close()
        assert (await until_answered(port)).startswith(b"HTTP/1.1 200 ")


async def until_answered(port: int) -> bytes:
    """Ask until there is room again."""
    for _ in range(100):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        try:
            line = await asyncio.wait_for(reader.readline(), 5)
        except ConnectionError:
            line = b""
        writer.close()
        if line:
            return line
        await asyncio.sleep(0.05)
    return b""


async def test_who_does_not_read_her_answer_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "SLOWEST_READER", 0.3)

    async def much(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 50_000_000)

    app = web.Application()
    app.router.add_get("/", much)
    async with serving(app, port=0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.sleep(1.0)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(50_000_000), 10)
        writer.close()
