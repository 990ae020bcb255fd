"""Whether a desk can keep one more promise: what is before it, and how fast the desk works.

Pure. Who calls after her comes after her, so only those count who came first, live or booked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ivr.desk.agenda import Rule

# What a call takes at a desk of which too few are known.
USUAL = timedelta(minutes=3)
# Of the time that is promised so much is worked; longer calls take the rest, and further attempts
# at those who are busy or do not answer. With 0.75 the relay desk keeps less than 99 % in a month
# with a fifth more callers than usual (bench/promises.py).
WORKED = 2 / 3


@dataclass(frozen=True)
class Pace:
    """What a desk has to do and how fast it does: callers before her, agents, time for each."""

    ahead: int
    agents: int
    handling: timedelta = USUAL


def can_keep(pace: Pace, rule: Rule) -> bool:
    """Return whether a desk that goes by this rule can keep one promise more."""
    if pace.agents < 1:
        return False
    return pace.ahead * pace.handling <= rule.within * WORKED * pace.agents
