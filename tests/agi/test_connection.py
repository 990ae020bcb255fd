"""Commands and their replies on one connection, whatever comes between."""

import asyncio
import contextlib

import pytest

from ivr.agi.connection import Connection
from ivr.agi.server import Server
from ivr.wire.agi import (
    Command,
    Expression,
    LineLost,
    LocalError,
    Reply,
    answer,
    get_variable,
    set_variable,
)
from tests.agi.given import Asking, serving
from tests.fake_asterisk import FakeAsterisk, preamble


async def test_a_hang_up_is_not_the_reply_to_a_command() -> None:
    asking = Asking("A", "B")
    async with (
        serving(asking) as (_, port),
        FakeAsterisk(port, answer=lambda _: None) as switch,
    ):
        await switch.asked("GET VARIABLE A")
        await switch.send(b"HANGUP\n200 result=1 (a)\n")
        await switch.finished()
        assert switch.commands == ["GET VARIABLE A"]
    assert str(await asking.outcome.get()) == "the caller has hung up"


async def test_what_the_switch_has_answered_is_told_with_its_time() -> None:
    told: list[tuple[Command, float]] = []

    async def serve(connection: Connection) -> None:
        await connection.command(answer())

    server = Server(serve, answered=lambda command, seconds: told.append((command, seconds)))
    async with FakeAsterisk(await server.start("127.0.0.1", 0)) as switch:
        await switch.finished()
    await server.close()
    ((command, seconds),) = told
    assert command == answer() and 0 < seconds < 20


async def test_a_hang_up_after_a_reply_leaves_the_reply() -> None:
    replies: list[Reply] = []

    async def serve(connection: Connection) -> None:
        replies.append(await connection.command(answer()))
        await connection.lost.wait()
        with pytest.raises(LineLost, match="hung up"):
            await connection.command(answer())

    async with serving(serve) as (_, port), FakeAsterisk(port, hang_up_at=1) as switch:
        await switch.finished()
        assert switch.commands == ["ANSWER"]
    assert [reply.result for reply in replies] == ["-1"]


async def test_a_switch_that_goes_away_is_a_line_lost(caplog: pytest.LogCaptureFixture) -> None:
    asking = Asking()
    async with serving(asking) as (_, port):
        async with FakeAsterisk(port, answer=lambda _: None) as switch:
            await switch.asked("ANSWER")
        assert str(await asking.outcome.get()) == "the switch has closed the connection"
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_dead_channel_is_a_line_lost_without_a_hang_up_line() -> None:
    asking = Asking()
    dead = {"ANSWER": "511 Command Not Permitted on a dead channel or intercept routine"}
    async with serving(asking) as (_, port), FakeAsterisk(port, answer=dead) as switch:
        await switch.finished()
    assert str(await asking.outcome.get()) == "the caller has hung up"


async def test_a_dead_channel_can_still_be_asked_how_it_ended() -> None:
    replies: list[tuple[int, str]] = []
    over = asyncio.Event()

    async def serve(connection: Connection) -> None:
        async def ask(name: str) -> None:
            reply = await connection.command(get_variable(name), dead=True)
            replies.append((reply.code, reply.note))

        await ask("A")
        with pytest.raises(LineLost, match="hung up"):
            await connection.command(answer())
        await ask("B")
        await ask("C")
        try:
            await ask("D")
        finally:
            over.set()

    async with serving(serve) as (_, port), FakeAsterisk(port, answer={"": None}) as switch:
        await switch.asked("GET VARIABLE A")
        await switch.send(b"HANGUP\n200 result=1 (a)\n")
        await switch.asked("GET VARIABLE B")
        await switch.send(b"200 result=1 (b)\n")
        await switch.asked("GET VARIABLE C")
        await switch.send(b"511 Command Not Permitted on a dead channel\n")
        await switch.asked("GET VARIABLE D")
        await switch.cut()
        await over.wait()
        assert len(switch.commands) == 4
    assert replies == [(200, "a"), (200, "b"), (511, "")]


async def test_a_dead_channel_is_asked_when_what_the_hang_up_crossed_is_answered() -> None:
    told: asyncio.Queue[int] = asyncio.Queue()
    asks = asyncio.Event()

    async def serve(connection: Connection) -> None:
        with pytest.raises(LineLost, match="hung up"):
            await connection.command(get_variable("A"))
        asking = asyncio.create_task(connection.command(set_variable("B", "1"), dead=True))
        await asyncio.sleep(0)
        asks.set()
        told.put_nowait((await asking).code)

    table = {"GET VARIABLE A": None}
    async with serving(serve) as (_, port), FakeAsterisk(port, answer=table) as switch:
        await switch.asked("GET VARIABLE A")
        await switch.send(b"HANGUP\n")
        await asks.wait()
        await switch.send(b"200 result=1 (a)\n")
        await switch.finished()
        assert switch.commands == ["GET VARIABLE A", "SET VARIABLE B 1"]
    assert await told.get() == 200


async def test_a_usage_text_is_one_reply_and_the_next_fits() -> None:
    asking = Asking("A", "B")
    table = {
        "GET VARIABLE A": "520-Invalid command syntax.\nUsage: GET\n\n520 End of proper usage.",
        "GET VARIABLE B": "200 result=1 (b)",
    }
    async with serving(asking) as (_, port), FakeAsterisk(port, answer=table) as switch:
        await switch.finished()
    replies = await asking.outcome.get()
    assert isinstance(replies, list)
    assert [(reply.code, reply.note) for reply in replies] == [(520, ""), (200, "b")]


async def test_silence_and_no_digits_are_told_apart() -> None:
    asking = Asking("A", "B")
    table = {"GET VARIABLE A": "200 result= (timeout)", "GET VARIABLE B": "200 result="}
    async with serving(asking) as (_, port), FakeAsterisk(port, answer=table) as switch:
        await switch.finished()
    replies = await asking.outcome.get()
    assert isinstance(replies, list)
    assert [reply.note for reply in replies] == ["timeout", ""]


async def test_a_variable_called_hangup_hangs_up_nobody() -> None:
    asking = Asking("A", "B")
    table = {"GET VARIABLE": "200 result=1 (hangup)"}
    async with serving(asking) as (_, port), FakeAsterisk(port, answer=table) as switch:
        await switch.finished()
    replies = await asking.outcome.get()
    assert isinstance(replies, list)
    assert [reply.note for reply in replies] == ["hangup", "hangup"]


async def test_collected_text_is_never_a_second_command() -> None:
    async def serve(connection: Connection) -> None:
        with pytest.raises(LocalError):
            set_variable("X", "1\nEXEC System reboot")
        with pytest.raises(LocalError):
            get_variable(Expression("X\nEXEC System reboot"))
        await connection.command(set_variable("X", '1" "EXEC System\\'))

    async with serving(serve) as (_, port), FakeAsterisk(port) as switch:
        await switch.finished()
        assert switch.commands == [r'SET VARIABLE X "1\" \"EXEC System\\"']


async def test_two_commands_at_once_are_our_own_fault() -> None:
    async def serve(connection: Connection) -> None:
        first = asyncio.create_task(connection.command(get_variable("A")))
        await asyncio.sleep(0)
        with pytest.raises(LocalError, match="waiting"):
            await connection.command(get_variable("B"))
        assert (await first).note == "a"
        assert (await connection.command(get_variable("B"))).note == "b"
        done.set_result(None)

    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    table = {"GET VARIABLE A": "200 result=1 (a)", "GET VARIABLE B": "200 result=1 (b)"}
    async with serving(serve) as (_, port), FakeAsterisk(port, answer=table) as switch:
        await done
        assert switch.commands == ["GET VARIABLE A", "GET VARIABLE B"]


async def test_the_reply_to_a_cancelled_command_is_not_the_next_ones() -> None:
    cancelled = asyncio.Event()
    answered = asyncio.Event()
    done: asyncio.Queue[str] = asyncio.Queue()

    async def serve(connection: Connection) -> None:
        first = asyncio.create_task(connection.command(get_variable("A")))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        with pytest.raises(LocalError):
            await connection.command(get_variable("B"))
        cancelled.set()
        await answered.wait()
        while True:
            with contextlib.suppress(LocalError):
                done.put_nowait((await connection.command(get_variable("B"))).note)
                return
            await asyncio.sleep(0)

    table = {"GET VARIABLE A": None, "GET VARIABLE B": "200 result=1 (b)"}
    async with serving(serve) as (_, port), FakeAsterisk(port, answer=table) as switch:
        await switch.asked("GET VARIABLE A")
        await cancelled.wait()
        await switch.send(b"200 result=1 (a)\n")
        answered.set()
        assert await done.get() == "b"


async def test_a_reply_that_is_none_ends_the_call_and_closes_it() -> None:
    asking = Asking()
    rubbish = {"ANSWER": "rubbish"}
    async with serving(asking) as (_, port), FakeAsterisk(port, answer=rubbish) as switch:
        await switch.finished()
    assert "no reply" in str(await asking.outcome.get())


async def test_rubbish_closes_the_connection_even_while_the_flow_is_busy() -> None:
    async def serve(connection: Connection) -> None:
        await connection.command(answer())
        busy.set()
        await at_last.wait()

    busy, at_last = asyncio.Event(), asyncio.Event()
    async with serving(serve) as (server, port), FakeAsterisk(port) as switch:
        await busy.wait()
        await switch.send(b"rubbish\n")
        await switch.finished()
        assert server.calls == 1
        at_last.set()


async def test_a_switch_that_answers_without_reading_is_given_up() -> None:
    """Else what we send would pile up in memory without end."""
    asked: asyncio.Queue[str] = asyncio.Queue()

    async def serve(connection: Connection) -> None:
        try:
            while True:
                asked.put_nowait("")
                await connection.command(set_variable("X", "x" * 8000))
        except LineLost as lost:
            asked.put_nowait(str(lost))

    async with serving(serve) as (_, port):
        _reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(preamble())
        while not (why := await asked.get()):
            writer.write(b"200 result=1\n")
        writer.close()
    assert "does not read" in why
