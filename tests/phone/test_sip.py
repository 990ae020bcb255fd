"""From headers written and read back."""

from __future__ import annotations

import pytest

from ivr.errors import IvrError

pytest.importorskip("pjsua2")

from ivr.phone import sip


@pytest.mark.parametrize(
    ("user", "written"),
    [
        ("13800138000", "<sip:13800138000@host>"),
        ("+8613800138000", "<sip:+8613800138000@host>"),
        ("", "<sip:host>"),
        ('a"b', "<sip:a%22b@host>"),
        ("1,2", "<sip:1,2@host>"),
        ("${x}", "<sip:$%7Bx%7D@host>"),
        ("a@b:c>", "<sip:a%40b%3Ac%3E@host>"),
        ("100%", "<sip:100%25@host>"),
        ("a\r\nX-Evil: 1", "<sip:a%0D%0AX-Evil%3A%201@host>"),
        ("李", "<sip:%E6%9D%8E@host>"),
    ],
)
def test_a_number_is_written_so_that_it_reads_back(user: str, written: str) -> None:
    assert sip.name_and_address(user, None, "host") == written
    assert sip.read_invite(f"INVITE x\r\nFrom: {written};tag=1\r\n\r\n").number == user


@pytest.mark.parametrize("name", ["Li Lei", 'the "boss"', "a\\b", "李雷", "a;b,c<d>", ""])
def test_a_display_name_is_quoted_so_that_it_reads_back(name: str) -> None:
    sender = sip.name_and_address("1001", name, "host")
    invite = sip.read_invite(f"INVITE x\r\nf: {sender};tag=1\r\n\r\n")
    assert (invite.name, invite.number) == (name, "1001")


def test_a_display_name_cannot_carry_a_second_line() -> None:
    with pytest.raises(IvrError, match="control character"):
        sip.name_and_address("1001", "a\r\nX-Evil: 1", "host")


@pytest.mark.parametrize(
    ("sender", "name", "number"),
    [
        ("Li <sip:1001@host>;tag=1", "Li", "1001"),
        ("sip:1001@host;tag=1", "", "1001"),
        ("sip:1001:secret@host", "", "1001"),
        ("<tel:+8610086;phone-context=x>", "", "+8610086"),
        ("nonsense", "", ""),
        ("", "", ""),
        ('"never closed <sip:1001@host>', "", "1001"),
    ],
)
def test_other_peoples_from_headers_are_read(sender: str, name: str, number: str) -> None:
    invite = sip.read_invite(f"INVITE x\r\nFrom: {sender}\r\n\r\n")
    assert (invite.name, invite.number) == (name, number)


def test_x_headers_are_kept_and_the_body_is_not_looked_at() -> None:
    invite = sip.read_invite(
        "INVITE x\r\nX-Language: yue\r\nX-Path: greeting\r\n  balance\r\n"
        "Via: y\r\n\r\nX-Body: 1\r\n"
    )
    assert invite.headers == {"X-Language": "yue", "X-Path": "greeting balance"}


def test_every_key_of_a_telephone_is_one() -> None:
    assert sip.check_keys("0123456789*#abcd") == "0123456789*#ABCD"


def test_what_is_not_a_key_is_named_with_its_place() -> None:
    with pytest.raises(IvrError, match=r"'x' \(number 2 of '1x'\) is not a key"):
        sip.check_keys("1x")
