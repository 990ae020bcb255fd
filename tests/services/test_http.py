"""Look-ups over real sockets: the demo back end with its faults, and peers that are worse."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ivr.errors import IvrError
from ivr.flow.services import Declared, Failed, Found, Missing
from ivr.services import trace
from ivr.services.http import MOST_CONNECTIONS, Services
from tests.services.back_ends import BALANCE, KNOWN, answering, asking, billing, fault, peer, saying


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
            await asyncio.wait_for(question, 10)
        await asyncio.wait_for(gone.wait(), 10)


async def test_an_address_for_a_service_nobody_declared_is_told() -> None:
    with pytest.raises(IvrError, match="did you mean 'billing'"):
        Services(billing(), {"bilings": "http://localhost"})


async def test_services_that_were_not_opened_say_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Services(billing()).look_up(BALANCE, KNOWN)
