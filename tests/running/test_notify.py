"""What systemd is told, by a socket that stands for it."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from ivr.meanwhile import meanwhile
from ivr.running import notify

NAME = f"\0ivr-test-{os.getpid()}"


@pytest.fixture
def systemd() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.bind(NAME)
        listening.settimeout(5)
        yield listening


async def test_it_hears_that_it_is_ready_and_goes_on_living(systemd: socket.socket) -> None:
    told = {"NOTIFY_SOCKET": NAME.replace("\0", "@"), "WATCHDOG_USEC": "100000"}
    notify.tell("READY=1", told)
    async with meanwhile(notify.alive(told), "alive"):
        words = [await asyncio.to_thread(systemd.recv, 99) for _ in range(3)]
    assert words == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


@pytest.mark.parametrize("where", [{}, {"NOTIFY_SOCKET": "nowhere"}, {"NOTIFY_SOCKET": "/no/one"}])
async def test_nobody_is_told_where_nobody_listens(where: dict[str, str]) -> None:
    notify.tell("READY=1", where)
    await asyncio.wait_for(notify.alive(where | {"WATCHDOG_USEC": "0"}), 10)
    await asyncio.wait_for(notify.alive(where), 10)
