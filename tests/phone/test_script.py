"""`ivr call`: the script of keys, and a call told line by line."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

import pytest

pytest.importorskip("pjsua2")

from ivr.errors import IvrError
from ivr.phone import Phone
from ivr.phone.script import Press, parse_keys, place
from tests import ears
from tests.ports import free_port


def test_keys_are_read_with_their_times() -> None:
    assert parse_keys(" 1@2.0  *@6.5 138d@7") == [
        Press("1", 2.0),
        Press("*", 6.5),
        Press("138D", 7.0),
    ]
    assert parse_keys("") == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1", r"part 1 '1': a key and its time are joined by '@'; write .*'1@2\.0 \*@6\.5'"),
        ("@2", "part 1 '@2': a key and its time"),
        ("1@2 x@3", "part 2 'x@3': 'x' .* is not a key"),
        ("1@soon", "'soon' is not a number of seconds"),
        ("1@", "'' is not a number of seconds"),
        ("1@-1", "-1 s is not within 0 and 3600 s"),
        ("1@nan", "nan s is not within"),
        ("1@1e9", "not within"),
        ("1@5 2@4", "part 2 '2@4': 4 s is before the 5 s of the last one"),
        ("1@1 " * 201, "201 parts; at most 200"),
    ],
)
def test_a_mistake_in_the_keys_is_named_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(IvrError, match=complaint):
        parse_keys(text)


async def test_a_call_is_told_line_by_line(tmp_path: Path) -> None:
    told: list[str] = []
    heard = tmp_path / "heard.wav"
    greeting = ears.tone(tmp_path / "greeting.wav", 1000, 5)
    async with Phone("10086") as callee:
        calling = asyncio.create_task(
            place("10086", callee.address, "138", parse_keys("1@0.5 2*@1"), heard, 30, told.append)
        )
        taken = await callee.answer_next(play=greeting)
        await taken.heard("12*", within=5)
        await taken.hang_up()
        assert await calling == 0
    assert (taken.caller, taken.keys_heard) == ("138", "12*")
    expected = [
        r"   0\.00  calling 10086 at 127\.0\.0\.1:\d+ as '138'",
        r" +\d+\.\d\d  ringing",
        r" +\d+\.\d\d  answered",
        r" +\d+\.\d\d  key 1, 0\.5\d s after the answer",
        r" +\d+\.\d\d  key 2, 1\.0\d s after the answer",
        r" +\d+\.\d\d  key \*, 1\.[23]\d s after the answer",
        r" +\d+\.\d\d  ended by the far side: 200 .*, 1\.\d\d s after the answer",
        rf" +heard: {re.escape(str(heard))}",
    ]
    assert len(told) == len(expected), told
    for line, pattern in zip(told, expected, strict=True):
        assert re.fullmatch(pattern, line), line
    assert ears.tone_level(heard, 1000, 0.2, 1) == pytest.approx(-6, abs=1)


async def test_the_call_ends_when_its_seconds_are_over() -> None:
    told: list[str] = []
    async with Phone("10086") as callee:
        calling = asyncio.create_task(
            place("10086", callee.address, "", parse_keys("1@50"), None, 1.0, told.append)
        )
        taken = await callee.answer_next()
        assert (await taken.ended(within=3)).by_far_side
        assert await calling == 0
    assert "ended by us: 200" in told[-1]


async def test_a_call_nobody_takes_fails() -> None:
    told: list[str] = []
    where = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    assert await place("10086", where, "138", [], None, 30, told.append) == 1
    assert "ended by the far side: 408 nobody replies there" in told[-1]


async def test_a_call_lasts_longer_than_nothing() -> None:
    with pytest.raises(IvrError, match="--seconds 0 is not within"):
        await place("10086", "127.0.0.1:5060", "138", [], None, 0, print)
