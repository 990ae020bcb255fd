"""Whether a version that is tried out on a few calls does worse than the one that serves.

Three signs are counted: callers who gave up, callers who left for a person by the agent's key, and
calls that a fault of ours ended. A version is withdrawn for a sign that is seen on more of its
calls, by so many percent of them, and when chance is no explanation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.flow.node import MANNERS
from ivr.flow.project import Project
from ivr.flow.record import CallRecord

# A good version is judged after each of its calls, hundreds of times, by three signs: with one
# chance in 1,000, 7 of 360 good ones were withdrawn within 400 calls of theirs (simulated).
CHANCE = 0.001


@dataclass(frozen=True)
class Mark:
    """What a call that is over tells of its version."""

    gave_up: bool = False
    left_for_agent: bool = False
    failed: bool = False


def mark(record: CallRecord, project: Project) -> Mark:
    """Return what a call that is over tells of the version that led it."""
    return Mark(
        gave_up=record.outcome == "abandoned",
        left_for_agent=_left_for_agent(record, project),
        failed=record.outcome == "failed",
    )


def _left_for_agent(record: CallRecord, project: Project) -> bool:
    """Whether a key under `anywhere` took the caller out of what she was doing."""
    flow = project.flows.get(record.flow)
    anywhere = flow.header.anywhere if flow else {}
    ways = {(key, node) for key, node in anywhere.items() if node not in MANNERS}
    stays = zip(record.path, record.path[1:], strict=False)
    return any(
        (press.key, there.node) in ways and here.entered <= press.at <= there.entered
        for here, there in stays
        for press in record.keys
    )


def verdict(stable: Sequence[Mark], canary: Sequence[Mark], worse_by: int) -> str | None:
    """Return why a canary is to be withdrawn, or None where nothing speaks against it.

    `stable` and `canary` are the calls both had in the same time; `worse_by` is in percent.
    """
    for sign, many in _SIGNS.items():
        bad, good = (sum(getattr(one, sign) for one in calls) for calls in (canary, stable))
        if _is_worse((bad, len(canary)), (good, len(stable)), worse_by):
            return f"{bad} of {len(canary)} {many}, and {good} of {len(stable)} without it"
    return None


_SIGNS = {
    "gave_up": "callers hung up",
    "left_for_agent": "callers left for an agent",
    "failed": "calls failed",
}


def _is_worse(canary: tuple[int, int], stable: tuple[int, int], worse_by: int) -> bool:
    (bad, tried), (good, others) = canary, stable
    if bad * others <= good * tried:
        return False
    by = 100 * (bad * others - good * tried)
    return by >= worse_by * tried * others and luck(canary, stable) < CHANCE


def luck(canary: tuple[int, int], stable: tuple[int, int]) -> float:
    """Return how likely it is that of all the calls with a sign so many fall to the canary.

    Fisher's exact test, one-sided, of two (calls with the sign, calls): what drawing them blindly
    would give, so that it holds for three calls as it does for a thousand.
    """
    (bad, tried), (good, others) = canary, stable
    signs = bad + good
    ways = _log_ways(tried, bad) + _log_ways(others, good)
    term = math.exp(ways - _log_ways(tried + others, signs))
    total = 0.0
    for found in range(bad, min(signs, tried) + 1):
        total += term
        term *= (tried - found) * (signs - found) / ((found + 1) * (others - signs + found + 1))
    return total


def _log_ways(of: int, take: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(take + 1) - math.lgamma(of - take + 1)
