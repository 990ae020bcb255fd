"""A caller whose packets are lost, late, overtake each other or come all at once: bare RTP."""

from __future__ import annotations

import random
import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Way:
    """From a phone to the switch: this share of packets is `lost`, others are up to so many seconds
    `late`, and what is sent `between` two moments comes all at once at the second.
    """

    lost: float = 0.0
    late: float = 0.0
    between: tuple[float, float] = (0.0, 0.0)

    def comes(self, at: float, luck: random.Random) -> float:
        """Return when a packet comes that is sent so many seconds after the first."""
        begins, ends = self.between
        at += luck.uniform(0, self.late)
        return ends if begins <= at < ends else at


def presses(
    port: int, user: str, called: str, keys: str, way: Way, luck: random.Random
) -> tuple[int, int]:
    """Call, press keys, and hang up; she stays on the line for two seconds more.

    Return how many packets were lost, and how many came behind one that was sent after them.
    """
    sent = [(way.comes(n * STEP, luck), n, each) for n, each in enumerate(packets(keys))]
    come = sorted(each for each in sent if luck.random() >= way.lost)
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
