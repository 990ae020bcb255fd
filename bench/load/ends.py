"""The ends of many calls at one SIP port; nobody says or hears anything in them."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from bench.load.sip import Message, described, reply, request

HOST = "127.0.0.1"
# By UPDATE the switch asks each 45 s whether a call is there still (timers of pjsip.conf); a phone
# that does not say it takes that is asked by INVITE, with a description of sound.
ALLOW = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"


@dataclass
class Leg:
    """An end of a call: what is sent within it goes to `contact`."""

    call_id: str
    ours: str
    theirs: str
    contact: str


class Ends(asyncio.DatagramProtocol):
    """Whoever is in a call, by its Call-ID; `port` is the switch's."""

    def __init__(self, port: int, sound: socket.socket) -> None:
        self.legs: dict[str, Leg] = {}
        self.asked: dict[str, Callable[[Message], None]] = {}
        self.sdp = described(HOST, sound.getsockname()[1])
        self._switch = (HOST, port)
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
