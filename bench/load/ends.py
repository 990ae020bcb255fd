"""The ends of many calls at one SIP port, and at one port for sound that nobody reads."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from bench.load.ear import ALAW, FRAME, SILENCE
from bench.load.sip import Message, described, reply, request

HOST = "127.0.0.1"
# The switch gives a line up that has been silent for 30 s (rtp_timeout of pjsip.conf).
SPEAKS_EVERY = 8.0


@dataclass
class Leg:
    """An end of a call: what is sent within it goes to `contact`, its sound to `sound`."""

    call_id: str
    ours: str
    theirs: str
    contact: str
    sound: int
    packets: int = 0


class Ends(asyncio.DatagramProtocol):
    """Whoever is in a call, by its Call-ID; `port` is the switch's.

    Each sends a packet of silence now and then, by which the switch knows that she is still there.
    """

    def __init__(self, port: int, sound: socket.socket) -> None:
        self.legs: dict[str, Leg] = {}
        self.asked: dict[str, Callable[[Message], None]] = {}
        self.sdp = described(HOST, sound.getsockname()[1])
        self._switch = (HOST, port)
        self._sound = sound
        self._transport: asyncio.DatagramTransport | None = None
        self._numbers = itertools.count(1)

    def invited(self, said: Message) -> None:
        """The switch calls one of us."""

    def ended(self, call_id: str) -> None:
        """The switch has hung up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready to send."""
        # asyncio's own is none by its class (3.11).
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take what the switch says; whatever else it asks is granted."""
        if not data.strip():
            return
        said = Message.read(data)
        if said.status:
            if take := self.asked.get(said["call-id"]):
                take(said)
        elif said.method == "INVITE":
            self.invited(said)
        elif said.method != "ACK":
            self.send(reply(said, "200 OK", tag="floor"))
            if said.method == "BYE":
                self.legs.pop(said["call-id"], None)
                self.ended(said["call-id"])

    def at(self, user: str) -> str:
        """Return the address of one of us."""
        return f"sip:{user}@{self._own}"

    @property
    def via(self) -> str:
        """Where the reply to a new request comes to."""
        return f"{self._own};rport;branch=z9hG4bK{next(self._numbers)}"

    @property
    def _own(self) -> str:
        assert self._transport
        return f"{HOST}:{self._transport.get_extra_info('sockname')[1]}"

    def send(self, message: bytes) -> None:
        """Send to the switch."""
        assert self._transport
        self._transport.sendto(message, self._switch)

    def acknowledge(self, said: Message, uri: str) -> None:
        """Acknowledge a final reply to an INVITE; a refusal in the transaction that it is of."""
        via = self.via if said.status == 200 else said["via"].removeprefix("SIP/2.0/UDP ")
        ours, theirs, call_id = said["from"], said["to"], said["call-id"]
        self.send(request("ACK", uri, via, ours=ours, theirs=theirs, call_id=call_id))

    def hang_up(self, leg: Leg) -> bool:
        """Hang up; return whether there was a call."""
        if not self.legs.pop(leg.call_id, None):
            return False
        ours, theirs, call_id = leg.ours, leg.theirs, leg.call_id
        self.send(
            request("BYE", leg.contact, self.via, ours=ours, theirs=theirs, call_id=call_id, cseq=2)
        )
        return True

    async def speaking(self) -> None:
        """Let everybody send a packet now and then, until cancelled."""
        while True:
            legs, began = list(self.legs.values()), time.monotonic()
            for count, leg in enumerate(legs):
                leg.packets += 1
                head = struct.pack("!BBHII", 0x80, ALAW, leg.packets, leg.packets * FRAME, 7)
                if leg.sound:
                    self._sound.sendto(head + SILENCE, (HOST, leg.sound))
                if count % 10 == 9:
                    due = began + SPEAKS_EVERY * count / len(legs)
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
            await asyncio.sleep(max(0.1, began + SPEAKS_EVERY - time.monotonic()))
