"""The door of the pages: whoever comes is counted before she is listened to, encrypted or not."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable

MOST_CONNECTIONS = 500  # at once; a file each, of those that calls need as well
MOST_OF_ONE = 250  # connections of one address, so that others get in beside it
HANDSHAKE = 5.0  # seconds until who comes has to be encrypted
NO_FILES = 1.0  # seconds until the next is let in, when no file could be opened for one

log = logging.getLogger(__name__)


class Peers:
    """Who is here, from which address."""

    def __init__(self) -> None:
        self._here: dict[asyncio.BaseProtocol, str] = {}

    def is_full(self, address: str) -> bool:
        of_hers = sum(each == address for each in self._here.values())
        return len(self._here) >= MOST_CONNECTIONS or of_hers >= MOST_OF_ONE

    def add(self, one: asyncio.BaseProtocol, address: str) -> None:
        self._here[one] = address

    def drop(self, one: asyncio.BaseProtocol) -> None:
        """Count her no more. Safe more than once."""
        self._here.pop(one, None)


@contextlib.asynccontextmanager
async def opened(
    host: str,
    port: int,
    encryption: ssl.SSLContext | None,
    peers: Peers,
    protocol: Callable[[], asyncio.BaseProtocol],
) -> AsyncIterator[int]:
    """Let in, as long as the block runs, whom there is room for; yield the port.

    Each gets a `protocol`, which drops itself from `peers` when its connection is lost. Raises
    OSError where the port is not ours to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=128) as listening:
        listening.setblocking(False)
        door = _Door(listening, encryption, peers, protocol)
        work = asyncio.create_task(door.keep(), name="the door of the pages")
        try:
            yield listening.getsockname()[1]
        finally:
            work.cancel()
            await asyncio.wait([work])
            await door.shut()


class _Door:
    """Counts before it encrypts: asyncio's own server would do so afterwards, when it tells us."""

    def __init__(
        self,
        listening: socket.socket,
        encryption: ssl.SSLContext | None,
        peers: Peers,
        protocol: Callable[[], asyncio.BaseProtocol],
    ) -> None:
        self._listening = listening
        self._encryption = encryption
        self._peers = peers
        self._protocol = protocol
        self._coming = set[asyncio.Task[None]]()

    async def keep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, (address, *_) = await loop.sock_accept(self._listening)
            except ConnectionError:  # she has gone already
                continue
            except OSError as fault:
                log.warning("nobody is let in to the pages for a moment: %s", fault)
                await asyncio.sleep(NO_FILES)
                continue
            if self._peers.is_full(address):
                log.debug("no connection for %s: there are too many", address)
                connection.close()
                continue
            protocol = self._protocol()
            self._peers.add(protocol, address)
            task = asyncio.create_task(self._let_in(connection, protocol))
            self._coming.add(task)
            task.add_done_callback(self._coming.discard)

    async def shut(self) -> None:
        """Let go of those who are not in yet."""
        coming = tuple(self._coming)
        for task in coming:
            task.cancel()
        if coming:
            await asyncio.wait(coming)

    async def _let_in(self, connection: socket.socket, protocol: asyncio.BaseProtocol) -> None:
        is_in = False
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: protocol,
                connection,
                ssl=self._encryption,
                ssl_handshake_timeout=HANDSHAKE if self._encryption else None,
            )
            is_in = True
        except OSError as fault:  # ssl's and that of the time as well
            log.debug("somebody was not encrypted: %s", fault)
        finally:
            if not is_in:
                connection.close()
                self._peers.drop(protocol)
