"""What callers hear, packet by packet, and the keys they press: RTP of all calls on one port.

    python -m bench.load.ear PLAN.json HEARD.json

It runs in a process of its own until SIGTERM. Every caller sends sound all the time (full duplex)
and presses the keys of the plan as she comes to know the sounds by their content: from the end of
a key (the first packet that says so, RFC 4733) to the first packet of the next sound is measured by
the kernel's receive time, and the gaps between packets within one sound.
"""

from __future__ import annotations

import gc
import json
import select
import signal
import socket
import struct
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

FRAME = 160
ALAW, KEYS = 8, 101
SILENCE = bytes([0xD5]) * FRAME
# SO_TIMESTAMPNS of asm-generic/socket.h, which `socket` has no name for.
TIMESTAMPS = 35
# SO_RCVBUFFORCE, beyond what a machine lets everybody have; and bytes for 2 s of 600 calls, of
# which a packet takes 768.
FORCED = 33
ROOM = 64_000_000
MILLISECOND = 1_000_000
# A key lasts for five packets of 20 ms, then its end is told three times; so long until the next.
PRESSED, ENDS, PAUSE = 5, 3, 3
SLOTS = 20
MOST_RECENT = 250
KEY = {key: number for number, key in enumerate("0123456789*#")}


@dataclass(frozen=True)
class Step:
    """`after` so many seconds of the sound, `keys` are pressed, and `then` is to be heard."""

    sound: str
    after: float
    keys: str
    then: str

    def of(self, known: dict[str, str]) -> Step:
        """Return it for one caller."""
        texts = [self.sound, self.keys, self.then]
        for name, value in known.items():
            texts = [text.replace(name, value) for text in texts]
        return Step(texts[0], self.after, texts[1], texts[2])


class Sounds:
    """Knows a sound by any of its packets that no other has."""

    def __init__(self, files: dict[str, str]) -> None:
        seen: dict[bytes, tuple[str, int] | None] = {}
        for name, file in files.items():
            audio = Path(file).read_bytes()
            for at in range(0, len(audio) - FRAME + 1, FRAME):
                frame = audio[at : at + FRAME]
                seen[frame] = None if frame in seen else (name, at // FRAME)
        self._known = {frame: where for frame, where in seen.items() if where}
        self.find = self._known.get


@dataclass
class Heard:
    """What was heard in all calls together; times in milliseconds."""

    calls: int = 0
    packets: int = 0
    late: dict[str, list[float]] = field(default_factory=dict)
    unheard: Counter[str] = field(default_factory=Counter)
    gaps: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    slept: float = 0.0


class Caller:
    """One call, by the port of the switch that its sound comes from."""

    def __init__(self, address: tuple[str, int], ssrc: bytes, steps: list[Step]) -> None:
        self.address = address
        self.ssrc = ssrc
        self.steps = deque(steps)
        self.began = time.time_ns()
        self.waits: Step | None = None
        self.key_ended = 0
        self.sound, self.index = "", 0
        # Sequence number and time of each packet since the last one that was known.
        self.recent: list[tuple[int, int]] = []
        self._sequence = 0
        self._time = 0
        self._due = 0
        self._packets: deque[tuple[bytes, bool]] = deque()

    def begins(self, sound: str, first: int, heard: Heard) -> None:
        """A sound has begun, with a packet received then."""
        heard.calls += not self.sound
        self.sound = sound
        if self.waits and self.waits.then == sound and self.key_ended:
            late = (first - self.key_ended) / MILLISECOND
            heard.late.setdefault(self.waits.then.split()[0], []).append(late)
            self.waits, self.key_ended = None, 0
        if self.steps and not self.waits and self.steps[0].sound == sound:
            self.waits = self.steps.popleft()
            self._due = first + int(self.waits.after * 1000) * MILLISECOND

    def packet(self, now: int) -> tuple[bytes, bool]:
        """Return what she sends next, and whether it is the first to tell that her keys ended."""
        if self._due and now >= self._due and self.waits:
            self._due = 0
            self._press(self.waits.keys)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._time = (self._time + FRAME) & 0xFFFFFFFF
        if self._packets:
            return self._packets.popleft()
        header = struct.pack("!BBHI4s", 0x80, ALAW, self._sequence, self._time, b"ears")
        return header + SILENCE, False

    def _press(self, keys: str) -> None:
        # Laid out beforehand: each takes the place of a packet of sound.
        sequence, at = self._sequence, self._time
        for place, key in enumerate(keys):
            began = at + FRAME
            for number in range(PRESSED + ENDS + PAUSE):
                sequence, at = (sequence + 1) & 0xFFFF, (at + FRAME) & 0xFFFFFFFF
                if number >= PRESSED + ENDS:
                    header = struct.pack("!BBHI4s", 0x80, ALAW, sequence, at, b"ears")
                    self._packets.append((header + SILENCE, False))
                    continue
                ended = number >= PRESSED
                lasts = min(number + 1, PRESSED) * FRAME
                mark = 0x80 if number == 0 else 0
                event = struct.pack("!BBH", KEY[key], (0x80 if ended else 0) | 10, lasts)
                header = struct.pack(
                    "!BBHI4s", 0x80, KEYS | mark, sequence, began & 0xFFFFFFFF, b"ears"
                )
                last = place == len(keys) - 1 and number == PRESSED
                self._packets.append((header + event, last))


class Ear:
    """All callers of one load."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.heard = Heard()
        self._sounds = Sounds(plan["sounds"])
        self._steps = [Step(**step) for step in plan["steps"]]
        self._customers: list[str] = plan["customers"]
        self._balances: dict[str, str] = plan["balances"]
        self._lasts = int(plan["seconds"] * 1000) * MILLISECOND
        self._callers: dict[int, Caller] = {}
        self._wheel: list[list[Caller]] = [[] for _ in range(SLOTS)]
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, TIMESTAMPS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, _buffer(), ROOM)
        self._socket.setblocking(False)
        self._socket.bind(("127.0.0.1", plan["port"]))
        self._told = False
        self._came = 0

    def stop(self, *_: object) -> None:
        """End soon."""
        self._told = True

    def run(self) -> None:
        """Listen and speak until told to stop."""
        signal.signal(signal.SIGTERM, self.stop)
        slot, due = 0, time.monotonic()
        while not self._told:
            # Also where she is late with what she says: what is not read in time would be lost.
            wait = max(0.0, due - time.monotonic())
            if select.select([self._socket], [], [], wait)[0]:
                self._receive()
            now = time.monotonic()
            if now >= due:
                self.heard.slept = max(self.heard.slept, (now - due) * 1000)
                self._send(slot)
                slot, due = (slot + 1) % SLOTS, due + 0.02 / SLOTS
        for caller in self._callers.values():
            self._over(caller)
        self.close()

    def close(self) -> None:
        """Hear nothing any more."""
        self._socket.close()

    def _receive(self) -> None:
        for _ in range(64):
            try:
                data, ancillary, _, address = self._socket.recvmsg(512, 64)
            except BlockingIOError:
                return
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
            self.take(data, seconds * 1_000_000_000 + nanoseconds, address)

    def take(self, data: bytes, at: int, address: tuple[str, int]) -> None:
        """Hear a packet that came at a time, in nanoseconds, from an address."""
        caller, ssrc = self._callers.get(address[1]), data[8:12]
        if caller is None or caller.ssrc != ssrc:
            if len(data) != 12 + FRAME:
                return
            if caller:
                self._over(caller)
            caller = self._new(address, ssrc)
        self.heard.packets += 1
        caller.recent.append(((data[2] << 8) | data[3], at))
        if known := self._sounds.find(data[12:]):
            self._knows(caller, *known)
        elif len(caller.recent) > 2 * MOST_RECENT:  # music
            del caller.recent[:-MOST_RECENT]

    def _knows(self, caller: Caller, name: str, index: int) -> None:
        """Count what has come since she knew a packet last, if it belongs to one sound."""
        if name != caller.sound or index < caller.index:
            # It is known by some packet, and began so many before that: by their numbers, for one
            # that is lost would otherwise be made up for by one of the sound before.
            last = caller.recent[-1][0]
            caller.recent = [each for each in caller.recent if (last - each[0]) & 0xFFFF <= index]
            caller.begins(name, caller.recent[0][1], self.heard)
        caller.index = index
        for (before, then), (sequence, at) in pairwise(caller.recent):
            if (sequence - before) & 0xFFFF == 1:
                self.heard.gaps[(at - then) // MILLISECOND] += 1
            else:
                self.heard.lost += 1
        caller.recent = caller.recent[-1:]

    def _new(self, address: tuple[str, int], ssrc: bytes) -> Caller:
        number = self._customers[self._came % len(self._customers)]
        known = {"{number}": number, "{balance}": self._balances[number]}
        steps = [step.of(known) for step in self._steps]
        caller = self._callers[address[1]] = Caller(address, ssrc, steps)
        self._wheel[self._came % SLOTS].append(caller)
        self._came += 1
        return caller

    def _send(self, slot: int) -> None:
        gone = []
        for caller in self._wheel[slot]:
            now = time.time_ns()
            if now - caller.began > self._lasts:
                gone.append(caller)
                continue
            packet, ends = caller.packet(now)
            if ends:
                caller.key_ended = now
            try:
                self._socket.sendto(packet, caller.address)
            except OSError:
                continue
        for caller in gone:
            self._wheel[slot].remove(caller)

    def _over(self, caller: Caller) -> None:
        if not caller.sound:  # who sent to this port before us is nobody's call
            return
        if caller.waits:
            self.heard.unheard[caller.waits.then.split()[0]] += 1
        for step in caller.steps:
            self.heard.unheard[step.then.split()[0]] += 1


def _buffer() -> int:
    """Return the option by which this process may ask for room."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, FORCED, ROOM)
        except PermissionError:
            return socket.SO_RCVBUF
    return FORCED


def main(plan: str, heard: str) -> None:
    """Listen as the plan says, and write down what was heard."""
    gc.disable()  # nothing here goes round in circles, and a pause would be measured
    ear = Ear(json.loads(Path(plan).read_text()))
    ear.run()
    Path(heard).write_text(json.dumps(ear.heard.__dict__))


if __name__ == "__main__":
    main(*sys.argv[1:])
