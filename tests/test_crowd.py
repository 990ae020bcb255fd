"""The crowd of the bench: its SIP, and how the order of service is judged."""

import hashlib

from bench.load.floor import Caller
from bench.load.sip import Message, credentials, reply, request
from bench.load.waiting import Order

INVITE = request(
    "INVITE",
    "sip:1001@127.0.0.1:7000",
    "127.0.0.1:5060;branch=z9hG4bK1",
    ours='"cmn queue" <sip:15000000001@127.0.0.1>;tag=a',
    theirs="<sip:1001@127.0.0.1>",
    call_id="c1",
    more=["Record-Route: <sip:a>", "Record-Route: <sip:b>", "Contact: <sip:asterisk@127.0.0.1>"],
    body="v=0\r\nm=audio 20002 RTP/AVP 8\r\n",
)


def test_what_is_asked_is_read() -> None:
    said = Message.read(INVITE)
    assert (said.status, said.method, said.asked, said.caller) == (
        *(0, "INVITE"),
        *("1001", "15000000001"),
    )
    assert said.contact == "sip:asterisk@127.0.0.1"
    assert said.headers["record-route"] == ["<sip:a>", "<sip:b>"]


def test_a_reply_is_one_to_what_was_asked() -> None:
    said = Message.read(reply(Message.read(INVITE), "200 OK", tag="t", body="v=0\r\n"))
    assert (said.status, said.method, said["call-id"]) == (200, "INVITE", "c1")
    assert said["to"] == "<sip:1001@127.0.0.1>;tag=t"
    assert said["content-length"] == "5"


def test_a_tag_is_not_given_twice() -> None:
    asked = Message.read(INVITE.replace(b"To: <sip:1001@127.0.0.1>", b"To: <sip:1001>;tag=mine"))
    assert Message.read(reply(asked, "200 OK", tag="t"))["to"] == "<sip:1001>;tag=mine"


def test_a_challenge_is_answered_as_rfc_2617_has_it() -> None:
    challenge = 'Digest realm="ivr",nonce="n",opaque="o",algorithm=MD5,qop="auth"'
    proof = credentials(challenge, "1001", "secret", "REGISTER", "sip:127.0.0.1")

    def digest(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    who, what = digest("1001:ivr:secret"), digest("REGISTER:sip:127.0.0.1")
    assert f'response="{digest(f"{who}:n:00000001:0a4f113b:auth:{what}")}"' in proof
    assert 'opaque="o"' in proof


def caller(came: float, rang: float) -> Caller:
    return Caller(f"{came}", came, rang=rang)


def test_who_is_rung_for_long_before_one_who_came_earlier_passed_her_over() -> None:
    assert Order.of([caller(0, 30), caller(5, 20), caller(9, 40)]) == Order(3, 0, 1)


def test_two_who_are_rung_for_at_once_are_side_by_side() -> None:
    assert Order.of([caller(0, 20.8), caller(5, 20)]) == Order(2, 1, 0)


def test_two_who_came_within_the_same_second_are_side_by_side() -> None:
    assert Order.of([caller(0, 30), caller(0.9, 20)]) == Order(2, 1, 0)


def test_who_still_waits_is_not_judged() -> None:
    assert Order.of([caller(0, 0), caller(5, 20)]) == Order(1, 0, 0)
