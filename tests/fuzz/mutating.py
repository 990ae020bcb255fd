"""Bytes and texts spoilt at random, by a seed, so that each case can be had again."""

from __future__ import annotations

import random

# What means something to somebody: line ends, quotes, expressions, ends of strings, and numbers
# at the edges of what a machine holds.
SPLINTERS = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\0",
    b"\xff\xfe",
    b"\xe4\xb8",
    b"${EPOCH}",
    b"$[1+1]",
    b'"',
    b"'",
    b"\\",
    b";",
    b",",
    b"|",
    b"&",
    b":",
    b": ",
    b"%",
    b"%0a",
    b"(",
    b")",
    b"{",
    b"}",
    b"[",
    b"]",
    b"-1",
    b"0",
    b"4294967296",
    b"99999999999999999999",
    b"1e999",
    b"NaN",
    b" " * 300,
    b"A" * 9000,
    "余额".encode(),
    "\u202e".encode(),
    "\u2028".encode(),
    b"\x1b[2J",
    b"HANGUP\n",
    b"agi_callerid: 1\n",
    b"200 result=1 (x)\n",
    b"Event: Shutdown\r\n",
    b"\t",
    b"- ",
    b"&a ",
    b"*a",
    b"!!python/object:x ",
    b"<<: ",
)
MOST_BYTES = 200_000


def spoilt(chance: random.Random, whole: bytes) -> bytes:
    """Return bytes with some pieces lost, doubled, moved, or put in between."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(data) + 1)
        length = chance.choice((0, 1, 1, 2, 10, 80))
        match chance.randrange(6):
            case 0:
                del data[at : at + length]
            case 1:
                data[at:at] = chance.choice(SPLINTERS)
            case 2:
                data[at : at + length] = chance.choice(SPLINTERS)
            case 3 if at < len(data):
                data[at] = chance.randrange(256)
            case 4:
                data[at:at] = data[at : at + length] * chance.choice((1, 2, 50))
            case _:
                data = _lines(chance, data)
    return bytes(data[:MOST_BYTES])


def _lines(chance: random.Random, data: bytearray) -> bytearray:
    """Lose, double or swap a line."""
    lines = bytes(data).split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(3):
        case 0:
            del lines[one]
        case 1:
            lines.insert(other, lines[one])
        case _:
            lines[one], lines[other] = lines[other], lines[one]
    return bytearray(b"\n".join(lines))


def cut(chance: random.Random, whole: bytes) -> list[bytes]:
    """Return the same bytes in pieces, as a socket may give them."""
    pieces, at = [], 0
    while at < len(whole):
        length = chance.choice((1, 2, 7, 100, 4096, 100_000))
        pieces.append(whole[at : at + length])
        at += length
    return pieces
