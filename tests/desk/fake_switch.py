"""A switch that speaks AMI on a real socket, as much of it as the desk needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
Answer = Callable[[Mapping[str, str]], bytes]


def frame(**headers: object) -> bytes:
    """Return one frame; the headers in the order given."""
    lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    return lines.encode() + b"\r\n"


def success(action: Mapping[str, str], **headers: object) -> bytes:
    """Return the answer of success to an action."""
    return frame(Response="Success", ActionID=action["ActionID"], **headers)


def listed(action: Mapping[str, str], items: list[dict[str, object]], end: str) -> bytes:
    """Return a whole list, each item with the id of its action."""
    start = success(action, EventList="start", Message="Queue status will follow")
    middle = b"".join(frame(**item, ActionID=action["ActionID"]) for item in items)
    return start + middle + frame(Event=end, ActionID=action["ActionID"], EventList="Complete")


class FakeSwitch:
    """Answers Login, Events, Ping and QueueStatus; `answers` adds or replaces by action name."""

    def __init__(self) -> None:
        self.secret = "right"
        self.greeting = GREETING
        self.queue_status: list[dict[str, object]] = []
        self.answers: dict[str, Answer] = {}
        self.actions: list[dict[str, str]] = []
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._readers: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self.connections = 0

    @property
    def open(self) -> int:
        """How many connections are open now."""
        return len(self._writers)

    def asked(self, name: str) -> list[dict[str, str]]:
        """Return the actions of this name so far."""
        return [action for action in self.actions if action.get("Action") == name]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something came or went that makes `condition` true."""
        async with self._news, asyncio.timeout(20):
            await self._news.wait_for(condition)

    async def send(self, data: bytes) -> None:
        """Write to every open connection."""
        for writer in list(self._writers):
            writer.write(data)
            await writer.drain()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def start(self) -> None:
        """Listen, on the port of before if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and reset every connection."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._readers, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._readers.add(task)
        await self._notice(lambda: self._writers.append(writer))
        self.connections += 1
        try:
            writer.write(self.greeting)
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                pairs = [line.split(": ", 1) for line in text.strip().split("\r\n")]
                action = {pair[0]: pair[-1] for pair in pairs}
                writer.write(self._answer(action))
                await self._notice(lambda action=action: self.actions.append(action))  # type: ignore[misc]
                if action["Action"] == "Login" and action["Secret"] != self.secret:
                    return
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()
            self._readers.discard(task)
            await self._notice(lambda: self._writers.remove(writer))

    async def _notice(self, change: Callable[[], None]) -> None:
        async with self._news:
            change()
            self._news.notify_all()

    def _answer(self, action: Mapping[str, str]) -> bytes:
        name = action["Action"]
        if name in self.answers:
            return self.answers[name](action)
        if name == "Login" and action["Secret"] != self.secret:
            return frame(
                Response="Error", ActionID=action["ActionID"], Message="Authentication failed"
            )
        if name == "Ping":
            return success(action, Ping="Pong", Timestamp="1790000000.000001")
        if name == "QueueStatus":
            return listed(action, self.queue_status, "QueueStatusComplete")
        return success(action, Message="done")


@asynccontextmanager
async def fake_switch() -> AsyncIterator[FakeSwitch]:
    """A fake switch that listens, and is gone afterwards."""
    switch = FakeSwitch()
    await switch.start()
    try:
        yield switch
    finally:
        await switch.stop()
