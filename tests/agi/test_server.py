"""The server over real loopback sockets, against what goes wrong in the field."""

import asyncio
import functools
import logging

import pytest
import uvloop

from ivr.agi.connection import Connection
from ivr.wire.agi import (
    LineLost,
    Reply,
    answer,
    get_variable,
    set_variable,
    stream_file,
)
from tests.agi.given import A_WHILE, Asking, one_call, serving
from tests.fake_asterisk import FakeAsterisk, preamble


async def test_anything_awaitable_serves_a_call() -> None:
    async def with_more(asking: Asking, connection: Connection) -> None:
        await asking(connection)

    asking = Asking()
    for serve in (asking, asking.__call__, functools.partial(with_more, asking)):
        async with serving(serve) as (_, port):
            await one_call(port, asking.outcome)


def test_calls_are_served_on_the_loop_that_leads_them() -> None:
    async def work() -> None:
        asking = Asking()
        async with serving(asking) as (_, port):
            await one_call(port, asking.outcome)

    uvloop.run(work())  # ivr/running/run.py


async def test_close_cancels_a_call_and_waits_for_it() -> None:
    ended: list[str] = []

    async def serve(connection: Connection) -> None:
        try:
            await connection.command(answer())
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async with (
        serving(serve) as (server, port),
        FakeAsterisk(port, answer=lambda _: None) as switch,
    ):
        await switch.asked("ANSWER")
        await server.close()
        assert ended == ["cancelled"]
        await switch.finished()


async def test_drain_takes_no_new_call_and_lets_the_old_ones_end() -> None:
    asking = Asking()
    async with (
        serving(asking) as (server, port),
        FakeAsterisk(port, answer=lambda _: None) as switch,
    ):
        await switch.asked("ANSWER")
        draining = asyncio.create_task(server.drain(A_WHILE))
        await asyncio.sleep(0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await switch.send(b"200 result=0\n")
        await draining
    assert isinstance(await asking.outcome.get(), Reply)


async def test_who_is_let_go_is_asked_for_nothing_more_and_what_was_asked_is_done() -> None:
    asking = Asking()
    async with (
        serving(asking) as (server, port),
        FakeAsterisk(port, answer=lambda _: None) as switch,
    ):
        await switch.asked("ANSWER")
        await asyncio.wait_for(server.let_go(A_WHILE), A_WHILE.total_seconds() / 2)
        await switch.finished()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
    lost = await asking.outcome.get()
    assert isinstance(lost, LineLost) and str(lost) == "another controller leads it on"


async def test_the_dialplan_says_which_flow_and_with_what() -> None:
    seen: list[Connection] = []

    async def serve(connection: Connection) -> None:
        seen.append(connection)

    async with (
        serving(serve) as (_, port),
        FakeAsterisk(port, script="ivr?flow=main&from=10086", caller="1380") as switch,
    ):
        await switch.finished()
    preamble = seen[0].preamble
    assert (preamble.script, preamble.query) == ("ivr", {"flow": "main", "from": "10086"})
    assert preamble.variables["callerid"] == "1380"
    assert seen[0].name == "1795000000.1"


async def test_a_caller_name_in_gbk_is_served() -> None:
    asking = Asking()
    name = preamble().replace(b"calleridname: unknown", "calleridname: 张伟".encode("gbk"))
    async with serving(asking) as (_, port), FakeAsterisk(port, opening=name) as switch:
        await switch.finished()
        assert switch.commands == ["ANSWER"]


async def test_a_flow_that_waits_for_something_else_learns_of_the_end_at_once() -> None:
    learnt: asyncio.Queue[str] = asyncio.Queue()

    async def serve(connection: Connection) -> None:
        await connection.command(answer())
        await connection.lost.wait()  # while it asks a back end, say
        learnt.put_nowait("lost")

    async with serving(serve) as (_, port):
        async with FakeAsterisk(port) as switch:
            await switch.asked("ANSWER")
            await switch.hang_up()
            assert await learnt.get() == "lost"
        async with FakeAsterisk(port) as switch:
            await switch.asked("ANSWER")
            await switch.cut()
            assert await learnt.get() == "lost"


async def test_a_call_too_many_is_refused_at_once(caplog: pytest.LogCaptureFixture) -> None:
    asking = Asking()
    async with serving(asking, most_calls=1) as (server, port):
        async with FakeAsterisk(port, answer=lambda _: None) as first:
            await first.asked("ANSWER")
            async with FakeAsterisk(port) as second:
                await second.finished()
                assert second.commands == []
            assert server.calls == 1
            assert "refusing a call: there are 1 already" in caplog.text
            await first.send(b"200 result=0\n")
            await first.finished()
        assert isinstance(await asking.outcome.get(), Reply)
        await one_call(port, asking.outcome)


async def test_a_flow_that_fails_is_logged_and_harms_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def serve(connection: Connection) -> None:
        if connection.preamble.script == "bad":
            raise ZeroDivisionError("a bug of ours")
        await asking(connection)

    asking = Asking()
    async with serving(serve) as (_, port):
        async with FakeAsterisk(port, script="bad") as switch:
            await switch.finished()
        await one_call(port, asking.outcome)
    failed = [record for record in caplog.records if record.exc_info]
    assert [record.getMessage() for record in failed] == ["call 1795000000.1 failed"]
    assert "a bug of ours" in caplog.text


async def test_a_call_is_the_same_byte_by_byte() -> None:
    asking = Asking("A", "B")
    table = {"GET VARIABLE A": "200 result=1 (a)", "GET VARIABLE B": "200 result=1 (b)"}
    async with (
        serving(asking) as (_, port),
        FakeAsterisk(port, answer=table, piecewise=True) as switch,
    ):
        await switch.finished()
    replies = await asking.outcome.get()
    assert isinstance(replies, list)
    assert [reply.note for reply in replies] == ["a", "b"]


async def test_the_log_tells_the_call_but_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    async def serve(connection: Connection) -> None:
        await connection.command(stream_file("yue/welcome"))
        await connection.command(get_variable("PIN"), secret=True)
        await connection.command(set_variable("PIN", "735190"), secret=True)
        with pytest.raises(LineLost):
            await connection.command(get_variable("PIN"), secret=True)

    caplog.set_level(logging.DEBUG, "ivr.agi.connection")
    replies = iter(["200 result=0 endpos=800", "200 result=1 (735190)", "200 result=1"])
    async with serving(serve) as (_, port):
        last = "200 result=1 (735190"
        async with FakeAsterisk(port, answer=lambda _: next(replies, last)) as switch:
            await switch.finished()
    assert "735190" not in caplog.text
    said = [record.getMessage() for record in caplog.records if record.name == "ivr.agi.connection"]
    assert said == [
        "= preamble → ready",
        '> STREAM FILE yue/welcome "" 0',
        "= ready → waiting",
        "< 200 result=0 endpos=800",
        "= waiting → ready",
        "> (secret)",
        "= ready → waiting",
        "< 200 (secret)",
        "= waiting → ready",
        "> (secret)",
        "= ready → waiting",
        "< 200 (secret)",
        "= waiting → ready",
        "> (secret)",
        "= ready → waiting",
        "= waiting → closed",
        "closing 1795000000.1: got a line of 20 characters that is no reply, expected a reply",
    ]
    assert {getattr(record, "call", None) for record in caplog.records[1:3]} == {"1795000000.1"}
