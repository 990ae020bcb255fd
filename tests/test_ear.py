"""The ear of the bench: when a sound began and how it came, also where packets are lost."""

import random
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.load.ear import ALAW, FRAME, MILLISECOND, Ear

PACKETS = 30
PAUSE = 2200
SWITCH = ("127.0.0.1", 4000)


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    luck = random.Random(1)
    sounds = {name: tmp_path / name for name in ("first", "second")}
    for path in sounds.values():
        path.write_bytes(luck.randbytes(PACKETS * FRAME))
    # What each sound begins with is in none, as a silence would be.
    for path in sounds.values():
        path.write_bytes(bytes(5 * FRAME) + path.read_bytes()[5 * FRAME :])
    listening = Ear(
        {
            "sounds": {name: str(path) for name, path in sounds.items()},
            "steps": [{"sound": "first", "after": 60, "keys": "1", "then": "second"}],
            "customers": ["13800138000"],
            "balances": {"13800138000": "1"},
            "seconds": 60,
            "port": 0,
        }
    )
    yield listening
    listening.close()


def hears(ear: Ear, tmp_path: Path, lost: set[int]) -> None:
    """Let it hear both sounds, a pause between them, but for the packets with these numbers."""
    sequence, now = 65_530, 0  # the numbers begin anew within the first
    for name in ("first", "second"):
        audio = (tmp_path / name).read_bytes()
        for at in range(PACKETS):
            header = struct.pack("!BBHI4s", 0x80, ALAW, sequence & 0xFFFF, 0, b"call")
            if sequence - 65_530 not in lost:
                ear.take(header + audio[at * FRAME :][:FRAME], now * MILLISECOND, SWITCH)
            sequence, now = sequence + 1, now + 20
        now += PAUSE


def test_gaps_are_counted_within_a_sound(ear: Ear, tmp_path: Path) -> None:
    hears(ear, tmp_path, set())
    assert ear.heard.gaps == Counter({20: 2 * PACKETS - 2})
    assert ear.heard.lost == 0


@pytest.mark.parametrize("lost", [{PACKETS + 2}, {PACKETS}, {PACKETS - 1, PACKETS + 3}])
def test_what_is_lost_makes_no_pause_a_gap(ear: Ear, tmp_path: Path, lost: set[int]) -> None:
    hears(ear, tmp_path, lost)
    assert set(ear.heard.gaps) == {20}
    assert ear.heard.lost == (PACKETS not in lost)
