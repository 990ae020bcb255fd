"""Look-ups over real sockets: the demo back end with its faults, and peers that are worse."""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ivr.demo.backend import application
from ivr.errors import IvrError
from ivr.flow.services import Declared, Failed, Found, Missing, declare
from ivr.services import trace
from ivr.services.breaker import FAILS
from ivr.services.http import LARGEST_ANSWER, MOST_CONNECTIONS, Services

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


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[TestServer]:
    server = TestServer(application(tmp_path / "demo.sqlite"))
    async with server:
        yield server


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


async def test_a_known_customer_is_found_with_every_value_of_its_kind(demo: TestServer) -> None:
    async with asking(demo) as services:
        assert await services.look_up(BALANCE, KNOWN) == Found(
            {
                "balance": Decimal("123.45"),
                "expires": date(2026, 12, 31),
                "name": "王小明",
                "language": "cmn",
                "plan": "畅享 30 GB",
            }
        )


async def test_an_unknown_customer_is_missing(demo: TestServer) -> None:
    async with asking(demo) as services:
        assert await services.look_up(BALANCE, {"number": "13900000000"}) == Missing()


async def test_a_back_end_that_answers_500_is_failed(demo: TestServer) -> None:
    await fault(demo, status=500)
    async with asking(demo) as services:
        answer = await services.look_up(BALANCE, KNOWN)
    assert answer == Failed("the back end answered 500 (tries: 2)")


async def test_a_garbled_answer_is_failed(demo: TestServer) -> None:
    await fault(demo, garble=True)
    async with asking(demo) as services:
        assert await services.look_up(BALANCE, KNOWN) == Failed("the answer is not JSON")


async def test_a_slow_back_end_is_failed_when_the_time_limit_is_over(demo: TestServer) -> None:
    await fault(demo, delay="30s")
    loop = asyncio.get_running_loop()
    async with asking(demo, billing("300ms")) as services:
        began = loop.time()
        assert await services.look_up(BALANCE, KNOWN) == Failed("no answer within 0.3 s")
        assert 0.29 <= loop.time() - began < 2


async def test_a_back_end_that_is_slow_within_the_limit_is_waited_for(demo: TestServer) -> None:
    await fault(demo, delay="300ms")
    async with asking(demo) as services:
        assert isinstance(await services.look_up(BALANCE, KNOWN), Found)


async def test_a_mended_back_end_is_found_by_the_same_services(demo: TestServer) -> None:
    async with asking(demo) as services:
        await fault(demo, status=503, garble=True)
        assert isinstance(await services.look_up(BALANCE, KNOWN), Failed)
        await fault(demo)
        assert isinstance(await services.look_up(BALANCE, KNOWN), Found)


async def test_other_flows_ask_over_the_same_connections(demo: TestServer) -> None:
    async with asking(demo) as services:
        other = services.declaring(billing(), {"billing": str(demo.make_url("/"))})
        assert isinstance(await other.look_up(BALANCE, KNOWN), Found)
        none = services.declaring(Declared({}, {}), {})
        assert await none.look_up(BALANCE, KNOWN) == Failed("there is no look-up 'billing.balance'")
        assert isinstance(await services.look_up(BALANCE, KNOWN), Found)


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
    "number",
    [
        "../faults",
        "..",
        "13800138000?x=1",
        "13800138000#",
        "13800138000/../13800138001",
        "13800138000\r\nX-Evil: 1\r\n\r\n",
        "${x}",
        "{number}",
        "%2e%2e%2ffaults",
        "\\..\\faults",
        "1" * 500,
        "1" * 501,
        "号" * 500,
        "\ud800",
        "\x00",
        "",
        " 13800138000",
    ],
    ids=ascii,
)
async def test_no_argument_leaves_its_place(demo: TestServer, number: str) -> None:
    # The demo back end answers /faults with 200 and a JSON object, and no customer with 400.
    async with asking(demo) as services:
        answer = await services.look_up(BALANCE, {"number": number})
    assert isinstance(answer, Failed)
    assert answer.reason == "the back end answered 400" or answer.reason.startswith("not asked")
    assert len(number) < 2 or number not in answer.reason


async def test_an_argument_arrives_as_it_was_given() -> None:
    seen: list[tuple[str, str]] = []

    async def sees(request: web.Request) -> web.Response:
        seen.append((request.match_info["number"], request.query_string))
        return web.json_response({"x": 1})

    hostile = ["a?b=c", "a/b", "a\r\nX: 1", "${x}", "%41", "a+b c", "王", "&=#;"]
    async with answering(sees) as server, asking(server) as services:
        for number in hostile:
            assert isinstance(await services.look_up("billing.one", {"number": number}), Found)
    assert seen == [(number, "") for number in hostile]


async def test_a_question_of_a_call_that_is_traced_carries_its_trace() -> None:
    seen: list[str | None] = []

    async def sees(request: web.Request) -> web.Response:
        seen.append(request.headers.get("traceparent"))
        return web.json_response({"x": 1})

    async def asked_in_a_call(services: Services) -> None:
        trace.begin("1795000000.7", datetime(2026, 11, 30, tzinfo=UTC))
        await services.look_up("billing.one", {"number": "1"})

    async with answering(sees) as server, asking(server) as services:
        await asyncio.create_task(asked_in_a_call(services))
        await services.look_up("billing.one", {"number": "1"})
    told, beside = seen
    assert told and re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", told)
    assert beside is None


async def test_a_change_is_sent_in_the_body_and_with_one_key_for_all_its_tries() -> None:
    seen: list[tuple[str, object, str]] = []

    async def fails_once(request: web.Request) -> web.Response:
        seen.append((request.path, await request.json(), request.headers["Idempotency-Key"]))
        return web.json_response({"x": 1}, status=500 if len(seen) == 1 else 200)

    async with answering(fails_once) as server, asking(server) as services:
        for _ in range(2):
            answer = await services.look_up("billing.change", {"number": "138", "card": "4711"})
            assert answer == Found({"x": Decimal("1.00")})
        await services.look_up("billing.change", {"number": "138", "card": "4711"}, "k1")
    assert all(each[:2] == ("/change/138", {"card": "4711"}) for each in seen)
    first, again, other, given = (key for _, _, key in seen)
    assert first == again != other
    assert given == "k1", "the key that another controller has asked with"


async def test_a_look_up_or_argument_nobody_declared_is_failed(demo: TestServer) -> None:
    async with asking(demo) as services:
        assert await services.look_up("billing.x", {}) == Failed("there is no look-up 'billing.x'")
        answer = await services.look_up(BALANCE, {"account": "1"})
    assert answer == Failed("not asked: the argument 'number' is not given")


async def test_reasons_never_tell_whom_was_asked_for() -> None:
    answers = [b"", b"HTTP/1.1 x\r\n\r\n", b'HTTP/1.1 200 OK\r\n\r\n{"balance": "13800138000x"}']
    for answer in answers:
        async with peer(saying(answer)) as url, Services(billing(), {"billing": url}) as services:
            failed = await services.look_up(BALANCE, KNOWN)
        assert isinstance(failed, Failed)
        assert "13800138000" not in failed.reason


async def test_two_hundred_look_ups_at_once_all_get_their_own_answer(demo: TestServer) -> None:
    async with asking(demo, billing("30s")) as services:
        numbers = [f"138001380{n % 12:02}" for n in range(200)]
        answers = await asyncio.gather(
            *(services.look_up(BALANCE, {"number": number}) for number in numbers)
        )
    names = {
        (number, str(answer.values["name"]))
        for number, answer in zip(numbers, answers, strict=True)
        if isinstance(answer, Found)
    }
    assert len(answers) == 200
    assert all(isinstance(answer, Found) for answer in answers)
    assert len(names) == len({name for _, name in names}) == 12


async def test_connections_are_kept_and_bounded() -> None:
    peers: set[object] = set()

    async def counts(request: web.Request) -> web.Response:
        assert request.transport
        peers.add(request.transport.get_extra_info("peername"))
        await asyncio.sleep(0.01)
        return web.json_response({"x": 1})

    async with answering(counts) as server, asking(server) as services:
        for _ in range(3):
            await asyncio.gather(*(services.look_up("billing.one", KNOWN) for _ in range(300)))
    assert len(peers) == MOST_CONNECTIONS


async def test_cancelling_drops_the_request_at_once() -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        assert await reader.read() == b""
        gone.set()

    async with peer(listens) as url, Services(billing("60s"), {"billing": url}) as services:
        question = asyncio.create_task(services.look_up(BALANCE, KNOWN))
        await asyncio.wait_for(arrived.wait(), 5)
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(question, 1)
        await asyncio.wait_for(gone.wait(), 1)


async def test_an_address_for_a_service_nobody_declared_is_told() -> None:
    with pytest.raises(IvrError, match="did you mean 'billing'"):
        Services(billing(), {"bilings": "http://localhost"})


async def test_services_that_were_not_opened_say_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Services(billing()).look_up(BALANCE, KNOWN)


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
        async with asyncio.timeout(0.2):
            assert isinstance(await services.look_up("billing.one", {"number": "1"}), Failed)
