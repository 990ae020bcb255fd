"""Minutes of what `make fuzz` does for hours: whatever comes in is understood or told."""

import random
import time

import pytest

from tests.fuzz.mutating import spoilt
from tests.fuzz.odd_sip import messages
from tests.fuzz.targets import TARGETS

SECONDS = 2.0


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_spoilt_does_no_harm(name: str) -> None:
    end, cases = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        seed = random.SystemRandom().getrandbits(48)
        try:
            TARGETS[name](random.Random(seed))
        except Exception as fault:
            fault.add_note(f"again: python -m tests.fuzz --seed {seed} {name}")
            raise
        cases += 1
    assert cases > 10


def test_a_seed_is_one_case() -> None:
    one, same, other = (
        spoilt(random.Random(seed), b"Event: QueueParams\r\n" * 9) for seed in (7, 7, 8)
    )
    assert one == same != other


def test_no_two_messages_are_odd_in_the_same_way() -> None:
    known = messages()
    assert len(known) >= 49
    assert len(set(known.values())) == len(known)
