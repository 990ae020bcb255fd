"""Back ends that answer wrongly, endlessly, late, or not at all."""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
from decimal import Decimal

import pytest
from aiohttp import web

from ivr.flow.services import Failed, Found
from ivr.services.breaker import FAILS
from ivr.services.http import LARGEST_ANSWER, Services
from tests.services.back_ends import BALANCE, KNOWN, answering, asking, billing, peer, saying


async def test_a_back_end_that_is_not_there_is_failed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    async with Services(billing(), {"billing": url}) as services:
        answer = await services.look_up(BALANCE, KNOWN)
    assert isinstance(answer, Failed)
    assert "gave no answer" in answer.reason


async def test_a_name_that_leads_nowhere_is_failed() -> None:
    async with Services(billing(), {"billing": "http://nowhere.invalid"}) as services:
        assert isinstance(await services.look_up(BALANCE, KNOWN), Failed)


async def test_a_500_is_asked_again_and_the_second_answer_counts() -> None:
    asked: list[str] = []

    async def first_fails(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"x": "1.00"}, status=502 if len(asked) == 1 else 200)

    async with answering(first_fails) as server, asking(server) as services:
        assert await services.look_up("billing.one", KNOWN) == Found({"x": Decimal("1.00")})
    assert len(asked) == 2


@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 401, 403, 405, 429])
async def test_an_answer_that_is_neither_200_nor_5xx_is_failed_and_not_asked_again(
    status: int,
) -> None:
    asked: list[str] = []

    async def refuses(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status, headers={"Location": str(request.url)})

    async with answering(refuses) as server, asking(server) as services:
        answer = await services.look_up("billing.one", KNOWN)
    assert answer == Failed(f"the back end answered {status}")
    assert len(asked) == 1


async def test_ten_megabytes_are_cut_short() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(160):
            await response.write(b" " * 65_536)
            sent += 65_536
        return response

    async with answering(endless) as server, asking(server) as services:
        answer = await services.look_up("billing.one", KNOWN)
    assert answer == Failed(f"the answer is larger than {LARGEST_ANSWER // 1024} kB")
    assert sent < 10_000_000


async def test_what_unpacks_to_gigabytes_is_never_unpacked() -> None:
    async def bomb(request: web.Request) -> web.Response:
        body = gzip.compress(b" " * 50_000_000)
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with answering(bomb) as server, asking(server) as services:
        assert await services.look_up("billing.one", KNOWN) == Failed("the answer is not UTF-8")


async def test_the_content_type_is_not_looked_at() -> None:
    async def plainly(request: web.Request) -> web.Response:
        return web.Response(body=b'{"x": 0.1}', content_type="image/png")

    async with answering(plainly) as server, asking(server) as services:
        assert await services.look_up("billing.one", KNOWN) == Found({"x": Decimal("0.10")})


async def test_cookies_of_one_question_do_not_go_along_with_the_next() -> None:
    cookies: list[str | None] = []

    async def sets(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie"))
        response = web.json_response({"x": 1})
        response.set_cookie("caller", "13800138000")
        return response

    async with answering(sets) as server:
        # By name: a jar of cookies never keeps those of a bare address.
        url = f"http://localhost:{server.port}"
        async with Services(billing(), {"billing": url}) as services:
            for _ in range(2):
                assert isinstance(await services.look_up("billing.one", KNOWN), Found)
    assert cookies == [None, None]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00",
        b"HTTP/1.1",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: \xff=;;;\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 \xe7\x8e\x8b\r\nContent-Type: \xff\r\n\r\n\xff",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
        b"HTTP/1.1 301 Moved\r\nLocation: http://[::1\r\n\r\n",
    ],
    ids=lambda answer: repr(answer[:50]),
)
async def test_a_peer_that_does_not_speak_http_is_failed(answer: bytes) -> None:
    async with (
        peer(saying(answer)) as url,
        Services(billing("2s"), {"billing": url}) as services,
    ):
        assert isinstance(await services.look_up(BALANCE, KNOWN), Failed)


async def test_a_peer_that_sends_noise_is_failed() -> None:
    noise = random.Random(10086)
    answers = [
        b"HTTP/1.1 200 OK\r\n" * noise.randrange(2) + noise.randbytes(noise.randrange(200))
        for _ in range(100)
    ]
    for answer in answers:
        async with (
            peer(saying(answer)) as url,
            Services(billing("1s", tries=1), {"billing": url}) as services,
        ):
            assert isinstance(await services.look_up(BALANCE, KNOWN), Failed)


async def test_a_peer_that_says_nothing_is_failed_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with (
        peer(silent) as url,
        Services(billing("200ms"), {"billing": url}) as services,
    ):
        assert await services.look_up(BALANCE, KNOWN) == Failed("no answer within 0.2 s")


async def test_a_peer_that_drips_its_answer_is_failed_in_time() -> None:
    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with (
        peer(drips) as url,
        Services(billing("300ms"), {"billing": url}) as services,
    ):
        assert await services.look_up(BALANCE, KNOWN) == Failed("no answer within 0.3 s")


@pytest.mark.parametrize(
    ("answer", "is_left_alone"),
    [
        (b"HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 429 x\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 302 x\r\nLocation: /one/1\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", True),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"x": NaN}', True),
        (b"HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n", False),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"x": "a"}', False),
    ],
    ids=["500", "429", "redirect", "half a body", "NaN", "400", "another field"],
)
async def test_a_service_is_left_alone_for_what_no_one_customer_is_to_blame_for(
    answer: bytes, is_left_alone: bool
) -> None:
    async with (
        peer(saying(answer)) as url,
        Services(billing(tries=1), {"billing": url}) as services,
    ):
        for _ in range(FAILS):
            assert isinstance(await services.look_up("billing.one", {"number": "1"}), Failed)
        assert services.breakers.well() == {"billing": not is_left_alone}
        last = await services.look_up("billing.one", {"number": "1"})
        assert isinstance(last, Failed) and last.is_asked is not is_left_alone


async def test_headers_and_then_nothing_cost_patience_until_the_service_is_left_alone() -> None:
    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        await asyncio.Event().wait()

    async with (
        peer(behaviour) as url,
        Services(billing("1s"), {"billing": url}) as services,
    ):
        asked = (services.look_up("billing.one", {"number": "1"}) for _ in range(FAILS))
        assert set(await asyncio.gather(*asked)) == {Failed("no answer within 1 s")}
        last = await services.look_up("billing.one", {"number": "1"})
        assert isinstance(last, Failed) and not last.is_asked
