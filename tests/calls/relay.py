"""A line between the controller and the switch's AMI that can be cut, go silent, or be flooded."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.calls.hotline import Hotline, until
from tests.ports import free_port

END = b"\r\n\r\n"
STATUS = re.compile(rb"Event: QueueMemberStatus\r\n(?:[^\r\n]+\r\n)+\r\n")


class Relay:
    """Listens on one port of 127.0.0.1 and forwards to another while it is open."""

    def __init__(self, there: int) -> None:
        self._there = there
        self._open = asyncio.Event()
        self._open.set()
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._controller: asyncio.StreamWriter | None = None
        self._last = b""
        self.forwarded = datetime.now(UTC)
        """When the controller was told something last."""
        self.links = 0
        self.status = b""
        """What the switch has said last of an agent: a frame of AMI."""

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Forward while the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()
            self.cut()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Reset every connection."""
        for writer in self._writers:
            if writer.transport.is_closing():
                continue
            line = writer.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._writers.clear()

    def freeze(self) -> None:
        """Forward nothing from now on, and close nothing."""
        self._open.clear()

    def thaw(self) -> None:
        """Forward again, also what has come meanwhile."""
        self._open.set()

    async def linked(self, links: int) -> None:
        """Wait until the controller has made so many connections."""

        async def so() -> bool:
            return self.links >= links

        await until(so)

    @asynccontextmanager
    async def flooding(self, frames: int) -> AsyncIterator[None]:
        """Tell the controller again and again what the switch has said last of an agent.

        It goes on as long as the block runs, and until there were so many frames.
        """
        assert self.status and self._controller

        async def between_frames() -> bool:
            return self._last.endswith(END)

        await until(between_frames)
        over = asyncio.Event()
        flood = asyncio.create_task(self._flood(self._controller, frames, over))
        try:
            yield
            assert not flood.done(), "the link was lost in the flood"
            over.set()
            await flood
        finally:
            flood.cancel()
            await asyncio.gather(flood, return_exceptions=True)

    async def _flood(self, to: asyncio.StreamWriter, frames: int, over: asyncio.Event) -> None:
        sent = 0
        while sent < frames or not over.is_set():
            to.write(self.status * 100)
            await to.drain()
            sent += 100

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.links += 1
        await self._open.wait()
        answers, asks = await asyncio.open_connection("127.0.0.1", self._there)
        self._writers += [writer, asks]
        self._controller = writer
        try:
            await asyncio.gather(
                self._forward(reader, asks), self._forward(answers, writer, from_switch=True)
            )
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in (writer, asks):
                end.transport.abort()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, from_switch: bool = False
    ) -> None:
        while said := await reader.read(65_536):
            await self._open.wait()
            if from_switch:
                self.status = (STATUS.findall(said) or [self.status])[-1]
                self._last = said
                self.forwarded = datetime.now(UTC)
            writer.write(said)
            await writer.drain()
        raise ConnectionResetError


def console(hotline: Hotline, command: str) -> str:
    """Return what the switch of a hotline answers to a command of its console."""
    mark = str(hotline.state / "etc" / "asterisk.conf")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if mark in words and "-f" in words:
            argv = [*words[: words.index("-f")], "-C", mark, "-rx", command]
            return subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    raise AssertionError(f"no switch runs with {mark}")


@asynccontextmanager
async def relayed(hotline: Hotline) -> AsyncIterator[Relay]:
    """Put a relay between the parts: the switch moves to another port, and the old link ends."""
    port, there = hotline.ports["ami"], free_port()
    settings = hotline.state / "etc" / "manager.conf"
    text = settings.read_text()
    assert f"port = {port}\n" in text
    settings.write_text(text.replace(f"port = {port}\n", f"port = {there}\n"))
    await asyncio.to_thread(console, hotline, "manager reload")
    relay = Relay(there)
    async with relay.listening(port):
        shown = await asyncio.to_thread(console, hotline, "manager show connected")
        for line in shown.splitlines():
            if line.split()[:1] == ["controller"]:
                number = line.split()[4]
                await asyncio.to_thread(console, hotline, f"manager kick session {number}")
        await relay.linked(1)
        yield relay
