"""What was done to a hotline, and within how long nobody may notice it any more."""

from __future__ import annotations

import time

# A key is answered within SOON seconds after a death. A controller that was stopped is ended when
# it has not stirred for HANGS (ivr/running/heartbeat.py).
SOON, HANGS = 2.0, 2.0
# Of ten strikes so many are each of these.
STRIKES = {"killed": 8, "stopped": 1, "AMI cut": 1}


def lasts(kind: str) -> float:
    """Return for how many seconds at most a strike of a kind may be noticed."""
    return HANGS + SOON if kind == "stopped" else SOON


class Strikes:
    """What was done to the hotline, and when."""

    def __init__(self) -> None:
        self._when: list[tuple[float, str]] = []

    def note(self, kind: str) -> None:
        """Something is done now."""
        self._when.append((time.time(), kind))

    def between(self, begin: float, end: float) -> str:
        """Return the worst that was done in a time, or may not be over yet; "" for nothing."""
        found = {kind for at, kind in self._when if begin - lasts(kind) <= at <= end}
        return max(found, key=lasts, default="")
