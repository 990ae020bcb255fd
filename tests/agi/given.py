"""A server on a free port, and what is served on it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from ivr.agi.connection import Connection
from ivr.agi.server import Server
from ivr.wire.agi import (
    LineLost,
    Reply,
    answer,
    get_variable,
)
from tests.fake_asterisk import FakeAsterisk

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
