"""A caller whose packets are lost, late and overtake each other: silence and keys as bare RTP."""

from __future__ import annotations

import random
import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing

from tests.switch.rawsip import Peer

A_LAW, EVENT, SILENCE, SAMPLES = 8, 101, b"\xd5" * 160, 160
STEP = 0.02
# A key sounds for 100 ms, its last packet is sent three times (RFC 4733, 2.5.1.4), 100 ms follow.
SOUNDS, ENDS, BETWEEN = 5, 3, 5
CODES = "0123456789*#"


def packets(keys: str) -> Iterator[bytes]:
    """Yield what a phone sends that presses these keys, a packet for each step."""
    number, stamp = 0, SAMPLES

    def packet(form: int, at: int, sound: bytes) -> bytes:
        return struct.pack(">BBHII", 0x80, form, number, at, 7) + sound

    for key in ("", *keys):
        for step in range(SOUNDS + ENDS) if key else ():
            lasts = min(step + 1, SOUNDS) * SAMPLES
            ends = 0x80 if step >= SOUNDS else 0
            mark = 0x80 if step == 0 else 0
            yield packet(EVENT | mark, stamp, struct.pack(">BBH", CODES.index(key), ends, lasts))
            number += 1
        stamp += (SOUNDS + ENDS) * SAMPLES
        for _ in range(BETWEEN):
            yield packet(A_LAW, stamp, SILENCE)
            number, stamp = number + 1, stamp + SAMPLES


def presses(
    port: int, user: str, called: str, keys: str, lost: float, late: float, luck: random.Random
) -> tuple[int, int]:
    """Call, press keys, and hang up; she stays on the line for two seconds more.

    This share of packets is lost, the others are up to so many seconds late. Return how many were
    lost, and how many came behind one that was sent after them.
    """
    sent = [(n * STEP + luck.uniform(0, late), n, each) for n, each in enumerate(packets(keys))]
    come = sorted(each for each in sent if luck.random() >= lost)
    with (
        closing(Peer(port, user)) as peer,
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sound,
    ):
        sound.bind(("127.0.0.1", 0))
        answer = peer.invite(called, at=sound.getsockname()[1])
        assert answer.status == 200, answer.first
        there = re.search(r"^m=audio (\d+)", answer.body, re.MULTILINE)
        assert there, answer.body
        began = time.monotonic()
        for at, _, each in come:
            time.sleep(max(0.0, began + at - time.monotonic()))
            sound.sendto(each, ("127.0.0.1", int(there[1])))
        time.sleep(2)
        peer.request("BYE", called, ack=answer.headers["to"])
        peer.answer("BYE")
    numbers = [number for _, number, _ in come]
    overtaken = sum(number < max(numbers[:at], default=0) for at, number in enumerate(numbers))
    return len(sent) - len(come), overtaken
