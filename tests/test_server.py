"""The server over real loopback sockets, against what goes wrong in the field."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
import uvloop

from ivr.server import Connection, Server
from ivr.wire.agi import (
    Command,
    Expression,
    LineLost,
    LocalError,
    Reply,
    answer,
    get_variable,
    set_variable,
    stream_file,
)
from tests.fake_asterisk import FakeAsterisk, preamble

Serve = Callable[[Connection], Awaitable[None]]
A_WHILE = timedelta(seconds=20)


@contextlib.asynccontextmanager
async def serving(
    serve: Serve, *, most_calls: int = 1000, patience: timedelta = A_WHILE
) -> AsyncIterator[tuple[Server, int]]:
    """A server on a free port; afterwards no task may be left."""
    before = asyncio.all_tasks()
    server = Server(serve, most_calls=most_calls, patience=patience)
    port = await server.start("127.0.0.1", 0)
    try:
        yield server, port
    finally:
        await server.close()
    assert server.calls == 0
    assert asyncio.all_tasks() == before


async def one_call(port: int, serve_ended: asyncio.Queue[object]) -> None:
    """Prove that the server still serves."""
    async with FakeAsterisk(port) as switch:
        await switch.asked("ANSWER")
        await switch.finished()
    assert isinstance(await serve_ended.get(), Reply)


class Asking:
    """Serves a call with the commands given, and keeps what came of it."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.outcome: asyncio.Queue[object] = asyncio.Queue()

    async def __call__(self, connection: Connection) -> None:
        commands = [get_variable(name) for name in self.names] or [answer()]
        try:
            replies = [await connection.command(command) for command in commands]
        except LineLost as lost:
            self.outcome.put_nowait(lost)
            raise
        self.outcome.put_nowait(replies if self.names else replies[0])


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


def test_calls_are_served_on_the_loop_that_leads_them() -> None:
    async def work() -> None:
        asking = Asking()
        async with serving(asking) as (_, port):
            await one_call(port, asking.outcome)

    uvloop.run(work())  # ivr/run.py


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


async def test_anything_awaitable_serves_a_call() -> None:
    async def with_more(asking: Asking, connection: Connection) -> None:
        await asking(connection)

    asking = Asking()
    for serve in (asking, asking.__call__, functools.partial(with_more, asking)):
        async with serving(serve) as (_, port):
            await one_call(port, asking.outcome)


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
        await asyncio.wait_for(server.let_go(A_WHILE), 1)
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


async def test_strangers_take_no_calls_place() -> None:
    asking = Asking()
    async with (
        serving(asking, most_calls=1) as (_, port),
        contextlib.AsyncExitStack() as strangers,
    ):
        for _ in range(20):
            await strangers.enter_async_context(FakeAsterisk(port, opening=b"agi_network"))
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

    caplog.set_level(logging.DEBUG, "ivr.server")
    replies = iter(["200 result=0 endpos=800", "200 result=1 (735190)", "200 result=1"])
    async with serving(serve) as (_, port):
        last = "200 result=1 (735190"
        async with FakeAsterisk(port, answer=lambda _: next(replies, last)) as switch:
            await switch.finished()
    assert "735190" not in caplog.text
    said = [record.getMessage() for record in caplog.records if record.name == "ivr.server"]
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
