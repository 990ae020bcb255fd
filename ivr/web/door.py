"""A connection until it is encrypted: counted, and let go where that takes too long."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from typing import cast

SLOWEST_HANDSHAKE = 10.0  # seconds until a connection has to be encrypted


class Peers:
    """How many connections there are, of each address; at most so many at all, and of one."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._of: Counter[str] = Counter()

    def is_full(self, address: str) -> bool:
        """Whether one more of this address is too many."""
        return self._of.total() >= self._most or self._of[address] >= self._most_of_one

    def add(self, address: str) -> None:
        """There is one more."""
        self._of[address] += 1

    def drop(self, address: str) -> None:
        """There is one less."""
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]


class Door(asyncio.Protocol):
    """Encrypts one connection, and hands it to what `speaks` with it then.

    A server that is given the certificate itself tells us of a connection when the other side has
    agreed on keys: those that never do would be counted by nobody.
    """

    def __init__(
        self, encryption: ssl.SSLContext, peers: Peers, speaks: Callable[[], asyncio.Protocol]
    ) -> None:
        self._encryption, self._peers, self._speaks = encryption, peers, speaks
        self._early = b""

    def connection_made(self, made: asyncio.BaseTransport) -> None:
        """Begin to encrypt, unless there are too many."""
        transport = cast(asyncio.Transport, made)  # which uvloop's does not say it is
        address = address_of(transport)
        if self._peers.is_full(address):
            transport.abort()
            return
        # What comes first is no request.
        transport.pause_reading()
        self._peers.add(address)
        self._encrypting = asyncio.create_task(self._encrypt(transport, address))

    def data_received(self, data: bytes) -> None:
        """Keep what comes with the last word of the handshake: the beginning of a request."""
        self._early += data

    async def _encrypt(self, transport: asyncio.Transport, address: str) -> None:
        loop = asyncio.get_running_loop()
        try:
            encrypted = await loop.start_tls(
                transport,
                self,
                self._encryption,
                server_side=True,
                ssl_handshake_timeout=SLOWEST_HANDSHAKE,
            )
        except OSError:  # ssl.SSLError and a time that has run out are some
            transport.abort()
            return
        finally:
            self._peers.drop(address)
        if encrypted is None or encrypted.is_closing():
            return
        speaker = self._speaks()
        encrypted.set_protocol(speaker)
        speaker.connection_made(encrypted)
        if self._early:
            speaker.data_received(self._early)


def address_of(transport: asyncio.BaseTransport) -> str:
    """Return the address at the other end, "" where there is none any more."""
    return str((transport.get_extra_info("peername") or ("",))[0])
