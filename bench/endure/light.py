"""A phone of two UDP sockets: a hundred of them cost less than one that reckons sound."""

from __future__ import annotations

import asyncio
import re
import struct
import time
import uuid
from typing import Any, Self

FRAME, TICKS = 0.02, 160
A_LAW, EVENT = 8, 101
# RFC 4733: a key lasts so many packets, its end is told three times.
KEY_PACKETS, ENDS = 5, 3
BETWEEN_KEYS = 0.08
KEYS = "0123456789*#"
# What the quietest samples of A-law look like; more of a packet than this is words or music.
QUIET, LOUD = b"\xd5\x55\xd4\x54", 40
NOISE, SILENCE = b"\x2a\x2a\xaa\xaa" * 40, b"\xd5" * TICKS
WHILE_SILENT = 0.2
SOON = 10.0


class Lost(Exception):
    """The call did not come about, or the switch ended it."""


class _Socket(asyncio.DatagramProtocol):
    def __init__(self, take: Any) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._take(data)


class LightPhone:
    """One call from `number`; the block begins when it is answered and ends with a BYE.

    `gaps` are the seconds between two packets of sound, where they were more than 60 ms, with when
    they ended; `heard` is when something was last to be heard. Who says nothing sends a packet each
    `while_silent` seconds, as a phone with silence suppression does. `asked` are the methods by
    which the switch asked whether the call is there still: INVITE where it does not `takes_update`.
    """

    def __init__(
        self,
        port: int,
        number: str,
        called: str = "10086",
        while_silent: float = WHILE_SILENT,
        takes_update: bool = True,
    ) -> None:
        self.number = number
        self.asked: list[str] = []
        self._while_silent = while_silent
        self._takes_update = takes_update
        self.heard = 0.0
        self.gaps: list[tuple[float, float]] = []
        self.ended = asyncio.Event()
        self._switch = ("127.0.0.1", port)
        self._called = called
        self._call, self._tag, self._cseq = uuid.uuid4().hex, uuid.uuid4().hex[:8], 0
        self._to, self._target = (
            f"<sip:{called}@127.0.0.1:{port}>",
            f"sip:{called}@127.0.0.1:{port}",
        )
        self._answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._last = 0.0
        self._presses = False
        self._sequence, self._stamp, self._source = 0, 0, uuid.uuid4().int & 0xFFFFFFFF
        self._sound = SILENCE

    async def __aenter__(self) -> Self:
        """Call and wait until it is answered. Raises Lost."""
        loop = asyncio.get_running_loop()
        bind = ("127.0.0.1", 0)
        self._sip, _ = await loop.create_datagram_endpoint(
            lambda: _Socket(self._message), local_addr=bind
        )
        self._rtp, _ = await loop.create_datagram_endpoint(
            lambda: _Socket(self._packet), local_addr=bind
        )
        self._request("INVITE", self._described())
        try:
            answer = await asyncio.wait_for(asyncio.shield(self._answered), SOON)
        except TimeoutError:
            raise Lost("nobody answered") from None
        port = re.search(r"^m=audio (\d+)", answer, re.MULTILINE)
        assert port
        self._media = ("127.0.0.1", int(port[1]))
        self._alive = asyncio.create_task(self._talk())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._alive.cancel()
        if not self.ended.is_set():
            self._request("BYE")
            await asyncio.sleep(0.1)
        self._sip.close()
        self._rtp.close()

    async def press(self, keys: str, between: float = BETWEEN_KEYS) -> float:
        """Press keys; return the time at which the last was complete. Raises Lost: it is over."""
        for key in keys:
            if self.ended.is_set():
                raise Lost(f"the call was over before '{key}' was pressed")
            # Events take the place of sound: sound that is a sixth of a second younger ends a key
            # of which more is to come, which is then another key (dtmftimeout of rtp.conf).
            self._presses, stamp = True, self._stamp
            for packet in range(KEY_PACKETS + ENDS - 1):
                is_end = packet >= KEY_PACKETS - 1
                lasted = min(packet + 1, KEY_PACKETS) * TICKS
                told = struct.pack("!BBH", KEYS.index(key), 0x80 * is_end | 10, lasted)
                self._send(EVENT, told, stamp, marker=packet == 0)
                await asyncio.sleep(FRAME if not is_end else 0)
            self._presses = False
            self._stamp += KEY_PACKETS * TICKS
            pressed = time.time()
            await asyncio.sleep(between)
        return pressed

    def speak(self, is_speaking: bool) -> None:
        """Say something from now on, or no more."""
        self._sound = NOISE if is_speaking else SILENCE

    async def _talk(self) -> None:
        while True:
            if not self._presses:
                self._send(A_LAW, self._sound, self._stamp)
            pause = FRAME if self._sound is NOISE else self._while_silent
            if not self._presses:
                self._stamp += round(pause / FRAME) * TICKS
            await asyncio.sleep(pause)

    def _send(self, kind: int, told: bytes, stamp: int, *, marker: bool = False) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        head = (0x80, 0x80 * marker | kind, self._sequence, stamp & 0xFFFFFFFF, self._source)
        self._rtp.sendto(struct.pack("!BBHII", *head) + told, self._media)

    def _packet(self, data: bytes) -> None:
        now = time.monotonic()
        if self._last and now - self._last > 3 * FRAME:
            self.gaps.append((now, now - self._last))
        self._last = now
        if len(data[12:].translate(None, QUIET)) > LOUD:
            self.heard = now

    def _described(self) -> str:
        port = self._rtp.get_extra_info("sockname")[1]
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP {A_LAW} {EVENT}\r\na=rtpmap:{EVENT} telephone-event/8000\r\n"
        )

    @property
    def _here(self) -> str:
        return f"127.0.0.1:{self._sip.get_extra_info('sockname')[1]}"

    @property
    def _contact(self) -> str:
        return f"Contact: <sip:{self.number}@{self._here}>"

    def _request(self, method: str, body: str = "") -> None:
        if method != "ACK":
            self._cseq += 1
        lines = [
            f"{method} {self._target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bK{uuid.uuid4().hex};rport",
            f"From: <sip:{self.number}@127.0.0.1>;tag={self._tag}",
            f"To: {self._to}",
            f"Call-ID: {self._call}",
            f"CSeq: {self._cseq} {method}",
            self._contact,
            f"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS{', UPDATE' * self._takes_update}",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._switch)

    def _message(self, data: bytes) -> None:
        if data[0] & 0xC0 == 0x80:  # RTCP to the port above another's sound, which is this one's
            return
        head, _, body = data.decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
        if not first.startswith("SIP/2.0"):
            self._requested(first.partition(" ")[0], headers)
        elif headers["cseq"].endswith("INVITE") and (status := int(first.split()[1])) >= 200:
            self._to = headers["to"]
            if status == 200:
                self._target = headers["contact"].strip("<>")
            self._request("ACK")
            if not self._answered.done():
                if status == 200:
                    self._answered.set_result(body)
                else:
                    self._answered.set_exception(Lost(first))

    def _requested(self, method: str, headers: dict[str, str]) -> None:
        if method in ("UPDATE", "INVITE"):
            self.asked.append(method)
        if method != "ACK":
            self._reply(headers, self._described() if method == "INVITE" else "")
        if method == "BYE":
            self.ended.set()

    def _reply(self, request: dict[str, str], body: str) -> None:
        same = [f"{name}: {request[name]}" for name in ("via", "from", "to", "call-id", "cseq")]
        lines = ["SIP/2.0 200 OK", *same, self._contact]
        lines += [
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._switch)
