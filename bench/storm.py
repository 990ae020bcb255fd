"""Callers of a storm: as much SIP over UDP as placing a call and taking no for an answer needs."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_HERE = "127.0.0.1"
# RFC 3261, T1: an INVITE that nobody has answered yet is sent again.
_AGAIN = 0.5
_TRIES = 4
_TO_TAG = re.compile(rb"^To:.*?;tag=([^;\r\n]+)", re.M | re.I)
_CALL_ID = re.compile(rb"^Call-ID:\s*(\S+)", re.M | re.I)
_SOUND = re.compile(rb"^m=audio (\d+)", re.M)
_EVENTS = 101
_KEYS = "0123456789*#"
_CONTACT = re.compile(rb"^Contact:\s*<([^>]+)>", re.M | re.I)


@dataclass
class Heard:
    """When sound came, in seconds of the monotonic clock."""

    first: float = 0.0
    last: float = 0.0
    longest_gap: float = 0.0
    packets: int = 0

    def packet(self, now: float) -> None:
        """A packet of sound has come."""
        if self.packets:
            self.longest_gap = max(self.longest_gap, now - self.last)
        else:
            self.first = now
        self.last = now
        self.packets += 1


@dataclass
class Placed:
    """A call and what became of it, in seconds since it was placed; `status` is 0 without a reply.

    `early` is when she was told something before anybody answered, `over` when she was refused.
    """

    began: float
    status: int = 0
    answered: float = 0.0
    early: float = 0.0
    over: float = 0.0
    heard: Heard = field(default_factory=Heard)

    @property
    def until_sound(self) -> float:
        """How long after the answer the first sound came; an hour where none did."""
        return self.heard.first - self.began - self.answered if self.heard.packets else 3600.0


class Storm(asyncio.DatagramProtocol):
    """All callers, at one port; `at` is the "host:port" they call."""

    def __init__(self, at: str) -> None:
        host, _, port = at.rpartition(":")
        self._at = (host, int(port))
        self._numbers = itertools.count(1)
        self._waiting: dict[bytes, Callable[[int, bytes], None]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        """Take a port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(_HERE, 0)
        )

    def close(self) -> None:
        """Give the port back."""
        if self._transport:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Give a reply to its call; what is no reply is none of ours."""
        found = _CALL_ID.search(data)
        if found and data.startswith(b"SIP/2.0 ") and (take := self._waiting.get(found[1])):
            take(int(data[8:11]), data)

    async def call(
        self, called: str, seconds: float, keys: Sequence[tuple[float, str]] = ()
    ) -> Placed:
        """Place a call and hang up `seconds` after the answer; return what became of it.

        `keys` are pressed so many seconds after the answer, each for a tenth of one.
        """
        number = next(self._numbers)
        placed, replies = Placed(time.monotonic()), asyncio.Queue[tuple[int, bytes]]()
        call_id = f"storm{number}".encode()
        self._waiting[call_id] = lambda status, data: replies.put_nowait((status, data))
        sound, port = await _ear(placed.heard)
        try:
            dialogue = _Dialogue(self._local, f"1370000{number:05d}", called, call_id)
            reply = await self._invited(dialogue, port, placed, replies)
            if reply and placed.status == 200:
                self._send(dialogue.request("ACK", 1, reply))
                async with asyncio.TaskGroup() as during:
                    during.create_task(_press(sound, reply, keys))
                    during.create_task(asyncio.sleep(seconds))
                self._send(dialogue.request("BYE", 2, reply))
                await self._reply(replies)
            elif reply:
                self._send(dialogue.request("ACK", 1, reply, same_branch=True))
        finally:
            sound.close()
            del self._waiting[call_id]
        return placed

    async def _invited(
        self,
        dialogue: _Dialogue,
        port: int,
        placed: Placed,
        replies: asyncio.Queue[tuple[int, bytes]],
    ) -> bytes | None:
        """Send the INVITE until there is a final reply; return that."""
        invite, status = dialogue.invite(port), 0
        for _ in range(_TRIES):
            self._send(invite)
            found = await self._reply(replies)
            while found:
                status, reply = found
                now = time.monotonic() - placed.began
                if status >= 200:
                    placed.status = status
                    placed.answered = now if status == 200 else 0.0
                    placed.over = now if status != 200 else 0.0
                    return reply
                if status == 183 and not placed.early:
                    placed.early = now
                found = await self._reply(replies, 30)
        return None

    @staticmethod
    async def _reply(
        replies: asyncio.Queue[tuple[int, bytes]], within: float = _AGAIN
    ) -> tuple[int, bytes] | None:
        try:
            return await asyncio.wait_for(replies.get(), within)
        except TimeoutError:
            return None

    @property
    def _local(self) -> str:
        assert self._transport
        host, port = self._transport.get_extra_info("sockname")
        return f"{host}:{port}"

    def _send(self, message: bytes) -> None:
        assert self._transport
        self._transport.sendto(message, self._at)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._heard.packet(time.monotonic())


async def _ear(heard: Heard) -> tuple[asyncio.DatagramTransport, int]:
    loop = asyncio.get_running_loop()
    # The kernel's choice may be odd, which a switch takes as well as it comes.
    made, _ = await loop.create_datagram_endpoint(
        lambda: _Ear(heard), local_addr=(_HERE, 0), family=socket.AF_INET
    )
    return made, int(made.get_extra_info("sockname")[1])


async def _press(
    sound: asyncio.DatagramTransport, reply: bytes, keys: Sequence[tuple[float, str]]
) -> None:
    """Press keys as RFC 4733 has it: events of a growing length, the last three times."""
    if not keys or not (there := _SOUND.search(reply)):
        return
    began, number = time.monotonic(), itertools.count(1)
    for after, key in keys:
        await asyncio.sleep(max(0.0, began + after - time.monotonic()))
        stamp = round(after * 8000)
        for packet in range(8):
            lasted, is_over = 160 * min(packet + 1, 5), packet >= 5
            marked = 0x80 if packet == 0 else 0
            head = struct.pack("!BBHII", 0x80, _EVENTS | marked, next(number), stamp, 1)
            end = 0x80 if is_over else 0
            event = struct.pack("!BBH", _KEYS.index(key), end | 10, lasted)
            sound.sendto(head + event, (_HERE, int(there[1])))
            if not is_over:
                await asyncio.sleep(0.02)


@dataclass(frozen=True)
class _Dialogue:
    local: str
    number: str
    called: str
    call_id: bytes

    def invite(self, port: int) -> bytes:
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 {_HERE}\r\ns=-\r\nc=IN IP4 {_HERE}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n"
        )
        head = self._head("INVITE", f"sip:{self.called}@{_HERE}", 1, "1", "")
        more = f"Contact: <sip:{self.number}@{self.local}>\r\nContent-Type: application/sdp\r\n"
        return f"{head}{more}Content-Length: {len(sdp)}\r\n\r\n{sdp}".encode()

    def request(self, method: str, cseq: int, reply: bytes, same_branch: bool = False) -> bytes:
        tag, contact = _TO_TAG.search(reply), _CONTACT.search(reply)
        to = f";tag={tag[1].decode()}" if tag else ""
        uri = contact[1].decode() if contact else f"sip:{self.called}@{_HERE}"
        branch = "1" if same_branch else f"{method}{cseq}"
        return f"{self._head(method, uri, cseq, branch, to)}Content-Length: 0\r\n\r\n".encode()

    def _head(self, method: str, uri: str, cseq: int, branch: str, to: str) -> str:
        call_id = self.call_id.decode()
        return (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.local};rport;branch=z9hG4bK{call_id}{branch}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{self.number}@{_HERE}>;tag=s\r\n"
            f"To: <sip:{self.called}@{_HERE}>{to}\r\n"
            f"Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
        )
