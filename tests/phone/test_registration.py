"""An agent's phone makes itself known to a registrar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

pytest.importorskip("pjsua2")

from ivr.errors import IvrError
from ivr.phone import Phone


class Registrar(asyncio.DatagramProtocol):
    """A registrar that asks for a password, each time anew, and then accepts or refuses."""

    def __init__(self, verdict: str) -> None:
        self.verdict = verdict
        self.seen: list[str] = []
        self.nonces = 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str | None, int]) -> None:
        head = data.decode().split("\r\n\r\n")[0].split("\r\n")
        self.seen.append("\n".join(head))
        kept = [
            line
            for line in head[1:]
            if line.split(":")[0] in ("Via", "From", "Call-ID", "CSeq", "Contact")
        ]
        to = next(line for line in head if line.startswith("To:"))
        first = f'nonce="n{self.nonces}"' not in self.seen[-1]
        self.nonces += not first
        reply = [
            "SIP/2.0 401 Unauthorized" if first else f"SIP/2.0 {self.verdict}",
            *kept,
            f"{to};tag=r",
            f'WWW-Authenticate: Digest realm="ivr", nonce="n{self.nonces}", algorithm=MD5',
            "Expires: 300",
            "Content-Length: 0",
        ]
        self.transport.sendto(("\r\n".join(reply) + "\r\n\r\n").encode(), address)


@asynccontextmanager
async def registrar(verdict: str) -> AsyncIterator[tuple[str, Registrar]]:
    transport, desk = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Registrar(verdict), local_addr=("127.0.0.1", 0)
    )
    host, port = transport.get_extra_info("sockname")
    yield f"{host}:{port}", desk
    transport.close()


async def test_an_agent_registers_with_her_password_and_takes_her_leave() -> None:
    async with registrar("200 OK") as (address, desk):
        async with Phone("1001", registrar=address, password="secret") as agent:
            await agent.registered(within=3)
        assert 'Authorization: Digest username="1001"' in desk.seen[1]
        assert "Expires: 0" in desk.seen[-1] and 'nonce="n2"' in desk.seen[-1]


async def test_a_wrong_password_is_told() -> None:
    async with (
        registrar("403 Forbidden") as (address, _),
        Phone("1001", registrar=address, password="wrong") as agent,
    ):
        with pytest.raises(IvrError, match=r"does not register '1001': 403"):
            await agent.registered(within=3)
