"""As much SIP as a crowd at one port needs: what a message says, and what is said to it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_QUOTED = re.compile(r'(\w+)="?([^",]*)"?')
_USER = re.compile(r"sips?:([^@;>]+)@")
# What a reply has from its request.
_KEPT = ("via", "from", "call-id", "cseq")


@dataclass(frozen=True)
class Message:
    """A request or a reply: its first line, its headers by their names in small letters, its body.

    Of several headers of one name all are kept, in their order.
    """

    first: str
    headers: dict[str, list[str]]
    body: str

    @classmethod
    def read(cls, datagram: bytes) -> Message:
        """Read one."""
        head, _, body = datagram.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        return cls(first, headers, body)

    def __getitem__(self, name: str) -> str:
        """Return a header; "" where it is not there."""
        return self.headers.get(name, [""])[0]

    @property
    def status(self) -> int:
        """What a reply says; 0 of a request."""
        return int(self.first[8:11]) if self.first.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """What is asked, or what a reply answers."""
        return self["cseq"].partition(" ")[2]

    @property
    def asked(self) -> str:
        """Who is asked, by the address in the first line of a request."""
        return _found(_USER, self.first)

    @property
    def caller(self) -> str:
        """The number that it is from."""
        return _found(_USER, self["from"])

    @property
    def contact(self) -> str:
        """The address that what follows is sent to."""
        return self["contact"].strip("<>").partition(">")[0]


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def request(
    method: str,
    uri: str,
    via: str,
    *,
    ours: str,
    theirs: str,
    call_id: str,
    cseq: int = 1,
    more: Iterable[str] = (),
    body: str = "",
) -> bytes:
    """Ask; `via` is where a reply is to come to, and which one it is."""
    lines = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {via}", "Max-Forwards: 70"]
    lines += [f"From: {ours}", f"To: {theirs}", f"Call-ID: {call_id}", f"CSeq: {cseq} {method}"]
    return written([*lines, *more], body)


def reply(
    to: Message, status: str, *, tag: str = "", more: Iterable[str] = (), body: str = ""
) -> bytes:
    """Reply to a request; `status` is such as "200 OK", `tag` is added where it has none yet."""
    lines = [f"SIP/2.0 {status}"]
    for name in _KEPT:
        lines += [f"{name.title()}: {value}" for value in to.headers.get(name, ())]
    ours = f";tag={tag}" if tag and ";tag=" not in to["to"] else ""
    return written([*lines, f"To: {to['to']}{ours}", *more], body)


def written(lines: Iterable[str], body: str = "") -> bytes:
    """Write a message down; a body is a description of sound."""
    kind = ["Content-Type: application/sdp"] if body else []
    length = f"Content-Length: {len(body.encode())}"
    return "\r\n".join([*lines, *kind, length, "", body]).encode()


def described(host: str, port: int) -> str:
    """Describe sound that is taken at a port, A-law."""
    lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0"]
    lines += [f"m=audio {port} RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=ptime:20", ""]
    return "\r\n".join(lines)


def credentials(challenge: str, user: str, password: str, method: str, uri: str) -> str:
    """Answer a challenge (RFC 2617, MD5, qop=auth)."""
    asked = dict(_QUOTED.findall(challenge))
    realm, nonce, count, own = asked["realm"], asked["nonce"], "00000001", "0a4f113b"
    who, what = _md5(f"{user}:{realm}:{password}"), _md5(f"{method}:{uri}")
    response = _md5(f"{who}:{nonce}:{count}:{own}:auth:{what}")
    opaque = f', opaque="{asked["opaque"]}"' if "opaque" in asked else ""
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{response}", algorithm=MD5, cnonce="{own}", qop=auth, nc={count}{opaque}'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
