"""What systemd is told of `ivr up`, where it has started it: that it is ready, and lives."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import suppress


def tell(word: str, environment: Mapping[str, str] = os.environ) -> None:
    """Tell systemd a word such as READY=1 (sd_notify(3)); nothing where nobody listens."""
    address = environment.get("NOTIFY_SOCKET", "")
    if address.startswith(("/", "@")):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            # A name that is no file is written with an @ for its zero byte.
            named = f"\0{address[1:]}" if address.startswith("@") else address
            sender.sendto(word.encode(), named)


async def alive(environment: Mapping[str, str] = os.environ) -> None:
    """Tell again and again that the event loop runs, twice as often as is asked for."""
    asked = environment.get("WATCHDOG_USEC", "")
    if not asked.isdecimal() or not int(asked):
        return
    while True:
        tell("WATCHDOG=1", environment)
        await asyncio.sleep(int(asked) / 2_000_000)
