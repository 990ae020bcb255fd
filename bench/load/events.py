"""Events of the switch, so many a second: agents are paused and take calls again."""

from __future__ import annotations

import asyncio
import itertools
import time

from bench.load.rig import Rig, members_of
from ivr.running import secrets

# So many at one go: nobody writes each by itself at a thousand a second.
PIECES_A_SECOND = 50


class Events:
    """Makes events over AMI, each about one of the desk's members."""

    def __init__(self, rig: Rig, members: int, asked: float) -> None:
        """`asked` is how many a second."""
        self._rig = rig
        self._members = members_of(members)
        self._asked = asked
        self._made = 0
        self._began = 0.0
        self._seconds = 0.0

    @property
    def rate(self) -> float:
        """How many a second there were: one for each time that the switch did as it was told."""
        return self._made / self._seconds if self._seconds else 0.0

    async def make(self) -> None:
        """Make them until cancelled."""
        port = self._rig.ground.settings.ami_port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        secret = self._rig.ground.secret(secrets.AMI)
        login = f"Username: controller\r\nSecret: {secret}\r\nEvents: off"
        writer.write(f"Action: Login\r\n{login}\r\n\r\n".encode())
        listening = asyncio.create_task(self._listen(reader))
        try:
            await self._ask(writer)
        finally:
            listening.cancel()
            writer.close()

    async def _ask(self, writer: asyncio.StreamWriter) -> None:
        together = max(1, round(self._asked / PIECES_A_SECOND))
        began = time.monotonic()
        for count in itertools.count():
            number = self._members[count % len(self._members)]
            paused = 1 - count // len(self._members) % 2
            what = f"Queue: front_desk\r\nInterface: PJSIP/{number}\r\nPaused: {paused}"
            writer.write(f"Action: QueuePause\r\n{what}\r\n\r\n".encode())
            if (count + 1) % together == 0:
                await writer.drain()
                await asyncio.sleep(max(0.0, began + count / self._asked - time.monotonic()))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        began, before = time.monotonic(), b""
        while piece := await reader.read(65536):
            self._made += (before + piece).count(b"Response: Success")
            # What is cut in two is found with the next piece, and never twice.
            before = piece[-(len(b"Response: Success") - 1) :]
            self._seconds = time.monotonic() - began
