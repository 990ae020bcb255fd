"""`make fuzz ARGS="20m"`: spoilt input for so long; a failure is printed with its seed and ends it.

python -m tests.fuzz 20m                  every target in turn, and SIP to a hotline of its own
python -m tests.fuzz 1h yaml_flows sip    these
python -m tests.fuzz --seed 12345 yaml_flows    one case again, of all but SIP
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import traceback

from tests.fuzz import torture
from tests.fuzz.targets import TARGETS

_UNITS = {"s": 1, "m": 60, "h": 3600}
SIP = "sip"
# How long one is tried before the next has its turn.
_TURN_SECONDS = 5.0


def main() -> int:
    """Fuzz until the time is over; return 1 at the first failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("words", nargs="*", default=["60s"], help="how long, then targets")
    parser.add_argument("--seed", type=int, help="one case again")
    given = parser.parse_args()
    length = next((word for word in given.words if re.fullmatch(r"\d+[smh]", word)), "60s")
    names = [word for word in given.words if word != length] or [*TARGETS, SIP]
    if unknown := set(names) - {*TARGETS, SIP}:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join([*TARGETS, SIP])}")
    if given.seed is not None:
        for name in names:
            if name == SIP:
                parser.error("what SIP does depends on what was sent before; it has no seed")
            TARGETS[name](random.Random(given.seed))
        return 0
    counts = dict.fromkeys(names, 0)
    end = time.monotonic() + int(length[:-1]) * _UNITS[length[-1]]
    with torture.ground() if SIP in names else torture.nowhere() as sip:
        while time.monotonic() < end:
            for name in names:
                target = sip if name == SIP else TARGETS[name]
                turn = min(end, time.monotonic() + _TURN_SECONDS)
                while time.monotonic() < turn:
                    seed = random.SystemRandom().getrandbits(48)
                    try:
                        target(random.Random(seed))
                    except Exception:
                        traceback.print_exc()
                        again = (
                            "" if name == SIP else f": python -m tests.fuzz --seed {seed} {name}"
                        )
                        _say(f"{name} fails after {counts[name]:,}{again}")
                        return 1
                    counts[name] += 1
    _say("; ".join(f"{name} {count:,}" for name, count in counts.items()))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    raise SystemExit(main())
