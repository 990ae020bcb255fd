"""An agent's voice as bare RTP packets, for what no softphone would send."""

from __future__ import annotations

import audioop
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import numpy as np

from tests.switch.rawsip import Message, Peer

A_LAW, SAMPLES, RATE = 8, 160, 8000


@contextmanager
def talking(peer: Peer, invite: Message, hertz: float, first: int) -> Iterator[None]:
    """Answer a call and hum while the block runs, in which the other side hangs up.

    The first packet has the number `first`.
    """
    host = re.search(r"^c=IN IP4 (\S+)", invite.body, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", invite.body, re.MULTILINE)
    assert host and port, invite.body
    over = threading.Event()
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sound:
        sound.bind(("127.0.0.1", 0))
        lines = (
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            "s=-",
            "c=IN IP4 127.0.0.1",
            "t=0 0",
            f"m=audio {sound.getsockname()[1]} RTP/AVP {A_LAW}",
        )
        peer.reply(invite, "200 OK", "".join(f"{line}\r\n" for line in lines))
        acknowledged = peer.wait(lambda it: it.status == 0 and it.method == "ACK")
        assert acknowledged.headers["call-id"] == invite.headers["call-id"]
        there = (host[1], int(port[1]))
        hum = threading.Thread(target=_hum, args=(sound, there, hertz, first, over))
        hum.start()
        try:
            yield
            peer.asked("BYE")
        finally:
            over.set()
            hum.join()


def _hum(
    sound: socket.socket, there: tuple[str, int], hertz: float, first: int, over: threading.Event
) -> None:
    began = time.monotonic()
    number = 0
    while not over.is_set():
        times = (number * SAMPLES + np.arange(SAMPLES)) / RATE
        wave = (8000 * np.sin(2 * np.pi * hertz * times)).astype("<i2")
        head = struct.pack(">BBHII", 0x80, A_LAW, (first + number) & 0xFFFF, number * SAMPLES, 7)
        sound.sendto(head + audioop.lin2alaw(wave.tobytes(), 2), there)
        number += 1
        over.wait(max(0.0, began + number * SAMPLES / RATE - time.monotonic()))
