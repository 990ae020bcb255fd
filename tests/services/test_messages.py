"""Text messages over real sockets: the demo back end, and peers that lose answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ivr.demo.backend import application
from ivr.flow.declaring import declare
from ivr.flow.services import Declared, Failed
from ivr.services.http import Services

TO = "13800138000"


def declared(time_limit: str = "5s") -> Declared:
    text = f"messages: {{url: 'http://127.0.0.1:9', post: /messages, time_limit: {time_limit}}}"
    found, problems = declare("services.yaml", text)
    assert found is not None, problems
    return found


class Peer:
    """A back end that answers in these ways, one after the other; `ids` is what came."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.ids, self.bodies = list(statuses), list[str](), list[Any]()

    async def take(self, request: web.Request) -> web.Response:
        self.ids.append(request.headers["Idempotency-Key"])
        self.bodies.append(await request.json())
        status = self.statuses.pop(0)
        if not status:
            assert request.transport is not None
            request.transport.abort()  # taken, but the answer is lost
        return web.Response(status=status or 202)


async def sent(peer: Peer, *messages: tuple[str, str], limit: str = "5s") -> list[Failed | None]:
    app = web.Application()
    app.router.add_post("/messages", peer.take)
    async with TestServer(app) as server:
        urls = {"messages": str(server.make_url("")).rstrip("/")}
        async with Services(declared(limit), urls) as services:
            return [await services.send(to, text, "cmn") for to, text in messages]


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[TestServer]:
    server = TestServer(application(tmp_path / "demo.sqlite"))
    async with server:
        yield server


async def test_the_demo_back_end_takes_a_message_and_shows_it(demo: TestServer) -> None:
    urls = {"messages": str(demo.make_url("")).rstrip("/")}
    async with Services(declared(), urls) as services:
        assert await services.send(TO, "余额123.45元。", "cmn") is None
    async with aiohttp.ClientSession() as http, http.get(demo.make_url("/messages")) as response:
        (shown,) = await response.json()
    assert shown["id"]
    assert (shown["to"], shown["text"], shown["language"]) == (TO, "余额123.45元。", "cmn")


@pytest.mark.parametrize("lost", [500, 503, 0])
async def test_a_message_whose_answer_was_lost_is_tried_again_under_its_id(lost: int) -> None:
    peer = Peer(lost, 202)
    assert await sent(peer, (TO, "x")) == [None]
    assert len(peer.ids) == 2 and len(set(peer.ids)) == 1


async def test_a_message_that_another_controller_sends_again_has_its_key() -> None:
    peer = Peer(202, 202)
    app = web.Application()
    app.router.add_post("/messages", peer.take)
    async with TestServer(app) as server:
        urls = {"messages": str(server.make_url("")).rstrip("/")}
        for _ in "12":
            async with Services(declared(), urls) as services:
                assert await services.send(TO, "x", "cmn", "k1") is None
    assert peer.ids == ["k1", "k1"]


async def test_the_demo_back_end_keeps_one_message_of_one_id(demo: TestServer) -> None:
    body = {"to": TO, "text": "x", "language": "en"}
    async with aiohttp.ClientSession() as http:
        for _ in range(2):
            given = http.post(
                demo.make_url("/messages"), json=body, headers={"Idempotency-Key": "a"}
            )
            async with given as response:
                assert response.status == 202
        async with http.get(demo.make_url("/messages")) as response:
            assert len(await response.json()) == 1


async def test_two_messages_have_two_ids() -> None:
    peer = Peer(202, 202)
    assert await sent(peer, (TO, "x"), (TO, "x")) == [None, None]
    assert len(set(peer.ids)) == 2


@pytest.mark.parametrize("status", [400, 302, 404, 429])
async def test_a_message_that_is_refused_is_not_tried_again(status: int) -> None:
    peer = Peer(status)
    assert await sent(peer, (TO, "x")) == [Failed(f"the back end answered {status}")]


@pytest.mark.parametrize("to", ["", "•", "+86138", "1" * 21, "13800138000\n"])
async def test_a_withheld_number_is_sent_nothing(to: str) -> None:
    peer = Peer()
    (fault,) = await sent(peer, (to, "x"))
    assert isinstance(fault, Failed) and peer.ids == []


async def test_what_nobody_may_know_is_in_no_reason() -> None:
    (fault,) = await sent(Peer(0, 0), (TO, "her balance"))
    assert isinstance(fault, Failed)
    assert TO not in fault.reason and "balance" not in fault.reason


async def test_a_project_without_messages_sends_none() -> None:
    found, _ = declare("services.yaml", "")
    assert found is not None
    async with Services(found) as services:
        assert isinstance(await services.send(TO, "x", "cmn"), Failed)
