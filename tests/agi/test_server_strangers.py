"""Whoever else comes to the port of the server: shown out, and no call is harmed."""

import contextlib
from datetime import timedelta

import pytest

from ivr.agi.server import Server
from ivr.wire.agi import (
    Reply,
)
from tests.agi.given import Asking, one_call, serving
from tests.fake_asterisk import FakeAsterisk, preamble

STRANGERS = {
    "connects and closes": b"",
    "half a header": b"agi_netw",
    "half a preamble": preamble()[:200],
    "an early blank line": b"agi_network: yes\n\n",
    "another protocol": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a million headers": b"agi_arg_1: x\n" * 1_000_000,
    "a line of a megabyte": b"agi_callerid: " + b"1" * 1_000_000,
    "zeros": b"\0" * 100_000,
}


@pytest.mark.parametrize("name", STRANGERS)
async def test_a_stranger_harms_no_call(name: str) -> None:
    asking = Asking()
    async with (
        serving(asking) as (_, port),
        FakeAsterisk(port, answer=lambda _: None) as caller,
    ):
        await caller.asked("ANSWER")
        for _ in range(3):
            async with FakeAsterisk(port, opening=STRANGERS[name]):
                pass
        await one_call(port, asking.outcome)
        await caller.send(b"200 result=0\n")
        assert isinstance(await asking.outcome.get(), Reply)


@pytest.mark.parametrize("name", ["an early blank line", "another protocol", "zeros"])
async def test_a_stranger_is_shown_out(name: str) -> None:
    async with (
        serving(Asking()) as (_, port),
        FakeAsterisk(port, opening=STRANGERS[name]) as stranger,
    ):
        await stranger.finished()


@pytest.mark.parametrize("name", ["connects and closes", "half a header", "half a preamble"])
async def test_a_preamble_that_never_ends_is_given_up(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        serving(Asking(), patience=timedelta(seconds=0.05)) as (_, port),
        FakeAsterisk(port, opening=STRANGERS[name]) as stranger,
    ):
        await stranger.finished()
    assert "no preamble within 0:00:00.050000" in caplog.text


@pytest.mark.parametrize("said", [None, "", "guessed", "the-secre", "the-secret2", "密碼"])
async def test_who_does_not_know_the_secret_is_led_through_no_flow(
    said: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    asking, strangers = Asking(), 0

    def stranger() -> None:
        nonlocal strangers
        strangers += 1

    server = Server(asking, secret="the-secret", stranger=stranger)
    port = await server.start("127.0.0.1", 0)
    async with FakeAsterisk(port, variables={} if said is None else {"arg_1": said}) as switch:
        await switch.finished()
        assert switch.commands == []
    assert strangers == 1 and asking.outcome.empty()
    assert "it is not our switch" in caplog.text and "guess" not in caplog.text
    async with FakeAsterisk(port, variables={"arg_1": "the-secret"}) as switch:
        await switch.asked("ANSWER")
    await server.close()
    assert strangers == 1


async def test_what_follows_a_forged_preamble_ends_the_call() -> None:
    asking = Asking()
    async with serving(asking) as (_, port):
        forged = preamble() + b"200 result=0\n" + preamble()
        async with FakeAsterisk(port, opening=forged) as stranger:
            await stranger.finished()
            assert stranger.commands == []
        await one_call(port, asking.outcome)


async def test_strangers_take_no_calls_place() -> None:
    asking = Asking()
    async with (
        serving(asking, most_calls=1) as (_, port),
        contextlib.AsyncExitStack() as strangers,
    ):
        for _ in range(20):
            await strangers.enter_async_context(FakeAsterisk(port, opening=b"agi_network"))
        await one_call(port, asking.outcome)
