"""SIP that no phone sends: our own messages for the tests that RFC 4475 describes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

# Nobody answers this number, so that no call is left behind.
NOWHERE = "99999"
_SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 9 RTP/AVP 8\r\n"
)


def request(
    method: str = "INVITE",
    *,
    line: str | None = None,
    body: bytes = b"",
    more: tuple[str, ...] = (),
    **headers: str | None,
) -> bytes:
    """Return a request; a header that is given (`call_id`) replaces ours, None is left out."""
    mark = uuid.uuid4().hex
    kept: dict[str, str | None] = {
        "via": f"SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{mark}",
        "from_": f"<sip:13800138000@127.0.0.1>;tag={mark[:8]}",
        "to": f"<sip:{NOWHERE}@127.0.0.1>",
        "call_id": mark,
        "cseq": f"1 {method}",
        "contact": "<sip:c@127.0.0.1:9>",
        "max_forwards": "70",
        "content_length": str(len(body)),
        **headers,
    }
    lines = [line or f"{method} sip:{NOWHERE}@127.0.0.1 SIP/2.0"]
    named = {name.rstrip("_").replace("_", "-"): value for name, value in kept.items()}
    lines += [f"{name}: {value}" for name, value in named.items() if value is not None]
    return "\r\n".join([*lines, *more, "", ""]).encode("utf-8", "surrogateescape") + body


def response(status: str, *, via: str = "SIP/2.0/UDP 127.0.0.1:9", cseq: str = "1 INVITE") -> bytes:
    """Return an answer to nothing that was asked."""
    return request(line=f"SIP/2.0 {status}", via=via, cseq=cseq)


def _parts() -> bytes:
    binary = bytes(range(256)) * 4
    return (
        b"--here\r\nContent-Type: application/sdp\r\n\r\n"
        + _SDP
        + b"\r\n--here\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Transfer-Encoding: binary\r\n\r\n" + binary + b"\r\n--here--\r\n"
    )


def only_line_ends() -> list[bytes]:
    """Return calls whose words about sound are line ends: many, then one; as a body and as a part.

    pjsip 2.17 read on behind the one, into what the message before had left in memory, and ended.
    """
    sound, parts = "Content-Type: application/sdp", "Content-Type: multipart/mixed; boundary=here"
    bodies = [b"\n" * count for count in (300, 1) * 5]
    within = [b"--here\r\n%b\r\n\r\n%b\r\n--here--\r\n" % (sound.encode(), b) for b in bodies]
    return [
        request(body=body, more=(kind,))
        for kind, all_of_it in ((sound, bodies), (parts, within))
        for body in all_of_it
    ]


def messages() -> Mapping[str, bytes]:
    """Return them all, by what is odd about each."""
    # No message is longer than is heard (ivr/switch/gatekeeper.py).
    long = "a" * 520
    sound = ("Content-Type: application/sdp",)
    multipart = ("Content-Type: multipart/mixed; boundary=here",)
    quoted = '"a\\\\\\"\\\x00"'
    at = f"sip:{NOWHERE}@127.0.0.1"
    return {
        # Right, though unlike what is usual.
        "folded and in odd letters": request(
            line=f"INVITE {at};unknownparam SIP/2.0",
            via="SIP  /   2.0\r\n /UDP\r\n    127.0.0.1:9;branch=\r\n z9hG4bKfolded",
            from_=f"{quoted}\r\n  <sip:c@127.0.0.1>\r\n  ;\r\n  tag = 98asjd8",
            cseq="0009\r\n  INVITE",
            max_forwards="0068",
            more=("NewFangled:\r\n  new\r\n  line", "s :"),
        ),
        "every letter a method may have": request("!interesting-Method0123456789_*+`.%indeed'~"),
        "escapes in addresses": request(
            "REGISTER",
            line="REGISTER sip:%61%62@127.0.0.1 SIP/2.0",
            to="<sip:null-%00-null@127.0.0.1>",
            contact="<sip:%00@127.0.0.1>",
        ),
        "an escape in a method": request("RE%47IST%45R"),
        "a name that touches its address": request(
            "OPTIONS", from_="caller<sip:c@127.0.0.1>;tag=1"
        ),
        "all of it long": request(
            from_=f'"{long}" <sip:{long}@127.0.0.1>;tag={long}',
            call_id=long,
            more=(f"X: {long}",),
        ),
        "more behind the end": request("REGISTER") + request("INVITE"),
        "semicolons in a user": request(
            "OPTIONS", line="OPTIONS sip:user;par=u%40example.net@127.0.0.1 SIP/2.0"
        ),
        "ways nobody knows": request(
            "OPTIONS",
            via="SIP/2.0/UNKNOWN 127.0.0.1:9;branch=z9hG4bKa, SIP/2.0/TLS x;branch=z9hG4bKb",
        ),
        "parts and binary": request(body=_parts(), more=multipart),
        "parts without an end": request(body=b"--here\r\nContent-Type: a/b", more=multipart),
        "parts in parts": request(body=b"--here\r\n" * 400, more=multipart),
        # Answers.
        "a reason in Cyrillic": response("200 = 2**3 * 5**2 но сто девяносто девять - простое"),
        "a status too big": response("4294967301 better not break the receiver"),
        "no reason": response("100"),
        "an answer by many ways": response(
            "200 OK", via="SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKx"
        ),
        # Wrong.
        "empty parameters": request(
            contact='"Joe" <sip:joe@example.org>;;;;', via="SIP/2.0/UDP 127.0.0.1:9;;,;,,"
        ),
        "longer than it is": request(content_length="9999", more=sound),
        "shorter than nothing": request(content_length="-999", body=_SDP, more=sound),
        "a length twice": request(content_length="5", more=("Content-Length: 500",), body=_SDP),
        "numbers too big": request(
            "REGISTER",
            cseq="36893488147419103232 REGISTER",
            max_forwards="300",
            contact="<sip:c@127.0.0.1:9>;expires=280297596632815",
            more=("Expires: 1000000000000000000000",),
        ),
        "answers to numbers too big": response("503 busy", cseq="9292394834772304023312 OPTIONS"),
        "a quote that never ends": request(to='"Mr. J. User <sip:j.user@example.com>'),
        "an address in angles": request(line=f"INVITE <{at}> SIP/2.0"),
        "space in an address": request(line=f"INVITE {at}; lr SIP/2.0"),
        "spaces in the first line": request(line=f"INVITE  {at}  SIP/2.0"),
        "spaces behind the first line": request("OPTIONS", line=f"OPTIONS {at} SIP/2.0  "),
        "headers in an address": request(line=f"INVITE {at}?Route=%3Csip:example.com%3E SIP/2.0"),
        "a zone of its own": request(more=("Date: Fri, 01 Jan 2010 16:00:00 EST",)),
        "a contact without angles": request(
            "REGISTER", contact="sip:user@example.com?Route=%3Csip:x%3E"
        ),
        "a scheme of its own": request(
            "OPTIONS", line="OPTIONS nobodyKnowsThisScheme:totallyopaque SIP/2.0"
        ),
        "an address that is a number": request(
            line="INVITE tel:+8613800138000;phone-context= SIP/2.0", to="<tel:1>"
        ),
        "letters without quotes": request(
            from_="Bell, Alexander <sip:a.g.bell@example.com>;tag=43"
        ),
        "another version": request(
            line=f"OPTIONS {at} SIP/7.0", via="SIP/7.0/UDP c.example.com;branch=z9hG4bKk"
        ),
        "two methods": request("OPTIONS", cseq="8 INVITE"),
        "no method in the sequence": request(cseq="8"),
        "no branch": request("OPTIONS", via="SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK"),
        "nothing that is needed": request(
            call_id=None, to=None, cseq=None, max_forwards=None, from_=None
        ),
        "no way back": request(via=None),
        "a wish nobody grants": request(
            "OPTIONS", more=("Require: nothingSupportsThis", "Proxy-Require: that")
        ),
        "words nobody knows": request(
            body=b"<audio>\r\n </audio>", more=("Content-Type: application/unknownformat",)
        ),
        "a login of another kind": request(
            "REGISTER", more=("Authorization: NoOneKnowsThisScheme opaque-data=here",)
        ),
        "a login without its half": request(
            "REGISTER", more=('Authorization: Digest username="1001", nonce=',)
        ),
        "many logins": request(
            "REGISTER", more=tuple(f'Authorization: Digest realm="{n}"' for n in range(90))
        ),
        "one value twice": request(
            more=(
                "CSeq: 59 INVITE",
                "Call-ID: other",
                "To: <sip:b@example.com>",
                "From: <sip:a@b>;tag=9",
            )
        ),
        "nowhere left to go": request("OPTIONS", max_forwards="0"),
        "a talk that never was": request("BYE", to=f"<{at}>;tag=never") + request("ACK"),
        "a place in a talk that never was": request(
            more=("Replaces: a@b;to-tag=1;from-tag=2", "Refer-To: <sip:1@127.0.0.1>")
        ),
        "words about sound": request(
            body=_SDP + b"m=audio 9 RTP/AVP " + b"8 " * 1200 + b"\r\n" + b"a=rtpmap:\r\n" * 80,
            more=("Content-Type: application/sdp",),
        ),
        "no sense about sound": request(
            body=b"v=\r\nm=audio -1 RTP/AVP 999\r\nc=IN IP9 ::\r\nt=" + b"9" * 900,
            more=("Content-Type: application/sdp",),
        ),
        "nothing": b"",
        "an end": b"\r\n\r\n",
        "a nought": b"\0",
        "no SIP": b"GET / HTTP/1.1\r\n\r\n",
        "only a first line": f"INVITE {at} SIP/2.0\r\n".encode(),
        "a thousand ways": request(via=",".join(["SIP/2.0/UDP a;branch=z9hG4bKa"] * 100)),
        "as much as fits": request(more=("X: " + "x" * 3_500,)),
    }
