"""A SIP peer made of one UDP socket, for what no softphone would send."""

from __future__ import annotations

import hashlib
import re
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

# Seconds until what nobody has answered is sent again, and then twice as many (RFC 3261, timer A).
T1 = 0.5


@dataclass(frozen=True)
class Message:
    """One SIP message as it came: its first line, its headers by lower-case name."""

    first: str
    headers: dict[str, str]
    body: str

    @property
    def status(self) -> int:
        """The status of an answer, 0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        """The method of a request or of what is answered."""
        return self.headers["cseq"].split()[1]


class Peer:
    """A SIP user at an address of this machine that talks to the switch on `port`."""

    def __init__(self, port: int, user: str, address: str = "127.0.0.1") -> None:
        self.user = user
        self._switch = ("127.0.0.1", port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._here = f"{address}:{self._socket.getsockname()[1]}"
        self._call, self._tag, self._cseq = uuid.uuid4().hex, uuid.uuid4().hex[:8], 0
        self.is_gone = False
        """Whether nothing is answered any more."""

    def close(self) -> None:
        """Go away without a word."""
        self._socket.close()

    def request(self, method: str, to: str, *extra: str, body: str = "", ack: str = "") -> str:
        """Send a request outside a dialogue, once; return it as it was sent.

        `ack` is the To header when it is an ACK.
        """
        if method != "ACK":
            self._cseq += 1
        switch = f"127.0.0.1:{self._switch[1]}"
        target = f"sip:{switch}" if method == "REGISTER" else f"sip:{to}@{switch}"
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bK{uuid.uuid4().hex};rport",
            f"From: <sip:{self.user}@{switch}>;tag={self._tag}",
            f"To: {ack or f'<sip:{to}@{switch}>'}",
            f"Call-ID: {self._call}",
            f"CSeq: {self._cseq} {method}",
            f"Contact: <sip:contact@{self._here}>",
            "Max-Forwards: 70",
            *extra,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        text = "\r\n".join(lines) + "\r\n\r\n" + body
        self._send(text)
        return text

    def invite(self, number: str, *extra: str, at: int = 39_998) -> Message:
        """Call `number`, to be heard `at` a port; return the first final answer, acknowledged.

        It is sent again until something answers it: one that is lost is no fault of the switch.
        """
        sdp = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {at} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
        sent = self.request("INVITE", number, *extra, body=sdp)
        answer = self.answer("INVITE", again=sent)
        self.request("ACK", number, ack=answer.headers["to"])
        return answer

    def named(self, answer: Message) -> str:
        """Return the call that was answered so as a header Replaces names it."""
        theirs = answer.headers["to"].partition(";tag=")[2].partition(";")[0]
        return f"{self._call};to-tag={theirs};from-tag={self._tag}"

    def register(self, secret: str, seconds: float = 10) -> Message:
        """Register as `user`; return the last answer."""
        self.request("REGISTER", self.user, "Expires: 60")
        answer = self.answer("REGISTER", seconds)
        if answer.status != 401:
            return answer
        uri = f"sip:127.0.0.1:{self._switch[1]}"
        said = proof(answer.headers["www-authenticate"], "REGISTER", uri, self.user, secret)
        self.request("REGISTER", self.user, "Expires: 60", f"Authorization: {said}")
        return self.answer("REGISTER", seconds)

    def answer(self, method: str, seconds: float = 10, again: str = "") -> Message:
        """Return the next final answer to `method`; the request is sent `again`, if it is given."""
        return self.wait(lambda it: it.status >= 200 and it.method == method, seconds, again)

    def asked(self, method: str, seconds: float = 10) -> Message:
        """Return the next request of this kind, unanswered."""
        return self.wait(lambda it: it.status == 0 and it.method == method, seconds)

    def wait(
        self, wanted: Callable[[Message], bool], seconds: float = 10, again: str = ""
    ) -> Message:
        """Return the next message that is `wanted`; OPTIONS and BYE are answered meanwhile.

        What is to be sent `again` is, until something answers the last request.
        """
        now, pause = time.monotonic(), T1
        deadline, due = now + seconds, now + pause
        while (now := time.monotonic()) < deadline:
            if again and now >= due:
                self._send(again)
                pause *= 2
                due = now + pause
            self._socket.settimeout((min(due, deadline) if again else deadline) - now)
            try:
                message = read(self._socket.recv(65_535).decode())
            except TimeoutError:
                continue
            if message.status and message.headers["cseq"].startswith(f"{self._cseq} "):
                again = ""
            if message.method in ("OPTIONS", "BYE") and not (message.status or self.is_gone):
                self.reply(message, "200 OK")
            if wanted(message):
                return message
        raise AssertionError(f"{self.user} waited {seconds} s in vain")

    def reply(self, request: Message, status: str, body: str = "") -> None:
        """Answer a request of the switch; `body` is a session description."""
        same = [f"{name}: {request.headers[name]}" for name in ("via", "from", "call-id", "cseq")]
        to = request.headers["to"]
        same.append(f"to: {to if ';tag=' in to else f'{to};tag={self._tag}'}")
        if body:
            same += [f"Contact: <sip:contact@{self._here}>", "Content-Type: application/sdp"]
        lines = [f"SIP/2.0 {status}", *same, f"Content-Length: {len(body)}"]
        self._send("\r\n".join(lines) + "\r\n\r\n" + body)

    def _send(self, text: str) -> None:
        self._socket.sendto(text.encode(), self._switch)


def proof(challenge: str, method: str, uri: str, user: str, secret: str) -> str:
    """Return the answer to a digest challenge, for a header Authorization."""
    parts = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    one = _md5(f"{user}:{parts['realm']}:{secret}")
    two = _md5(f"{method}:{uri}")
    nonce, cnonce = parts["nonce"], uuid.uuid4().hex
    response = _md5(f"{one}:{nonce}:00000001:{cnonce}:auth:{two}")
    return (
        f'Digest username="{user}", realm="{parts["realm"]}", nonce="{nonce}",'
        f' uri="{uri}", response="{response}", qop=auth, nc=00000001, cnonce="{cnonce}",'
        f' opaque="{parts.get("opaque", "")}", algorithm=MD5'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def read(text: str) -> Message:
    """Return a message that came as text."""
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return Message(first, headers, body)
