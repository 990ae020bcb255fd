"""Everything a hotline writes and tells, to be searched for what must not be there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.calls.hotline import Hotline
from tests.calls.test_lost import console

SPY = """
[spy]
secret = a word for this test alone
permit = 127.0.0.1/255.255.255.255
read = all
write = all
"""


@asynccontextmanager
async def tapped(hotline: Hotline) -> AsyncIterator[bytearray]:
    """A second AMI connection that reads every class; what it was told so far.

    The switch writes everything it says about a call into a log of its own meanwhile.
    """
    etc = hotline.state / "etc"
    with (etc / "manager.conf").open("a") as accounts:
        accounts.write(SPY)
    with (etc / "logger.conf").open("a") as logs:
        logs.write("full.log => notice,warning,error,verbose(9),debug(3)\n")
    for command in ("manager reload", "logger reload", "core set verbose 9", "core set debug 3"):
        await console(hotline, command)
    reader, writer = await asyncio.open_connection("127.0.0.1", hotline.ports["ami"])
    login = "Action: Login\r\nUsername: spy\r\nSecret: a word for this test alone\r\n\r\n"
    writer.write(login.encode())
    told = bytearray()

    async def listen() -> None:
        while some := await reader.read(65536):
            told.extend(some)

    listening = asyncio.create_task(listen())
    try:
        yield told
    finally:
        listening.cancel()
        writer.close()


def holding(folder: Path, digits: str) -> list[str]:
    """Return the files under a folder, names and all that is in them, that hold these digits."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if digits in path.name or (path.is_file() and digits.encode() in path.read_bytes())
    ]


def processes(words: Iterable[str]) -> list[str]:
    """Return the processes of this machine whose command line or environment has one of these."""
    said = [word.encode() for word in words]
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if any(word in text for word in said):
            found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found
