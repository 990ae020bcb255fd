"""How long each caller will wait: the desks as they are now, played forward many times.

Whoever waits is taken in the order of service, each time by the agent who may have her first:
by penalties and how they relax (`ivr/desk/lines.py`), by how long those who talk have talked, and
by how long conversations last at her desk (`ivr/desk/tempo.py`). Her wait is the mean of it all.
Callers ahead may give up, as often as they do. Nothing is known, and nothing assumed, of agents
who will come or go and of who calls later.

Pure: the same desks give the same waits, so an estimate moves because the desks do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.desk.lines import AT_FIRST
from ivr.desk.tempo import Pace

Floats = npt.NDArray[np.float64]

# Runs times agents times callers. A thousand agents need few runs, for what chance does is small
# there, a handful needs many: two hundred callers of a thousand agents take 30 ms (2 processors).
_WORK = 1_000_000
_FEWEST, _MOST = 8, 256
_SEED = 5


@dataclass(frozen=True)
class Waiting:
    """A caller who waits: her id, her line, and for how many seconds."""

    id: str
    line: str
    waited: float


@dataclass(frozen=True)
class Seat:
    """An agent at work: her penalty in each line she answers, the lowest is asked first.

    `talks` is in which line she has a caller, and for how many seconds; None: with nobody.
    `rest` are the seconds that are left of her wrap-up, `wrap_up` how long it is after each call.
    """

    penalties: Mapping[str, int]
    talks: tuple[str, float] | None = None
    rest: float = 0.0
    wrap_up: float = 0.0


@dataclass(frozen=True)
class Expected:
    """A caller's place among those who are after the same agents (1 is next), and her wait.

    `wait` is in seconds, None where nobody at work may answer her or no call is known to judge by.
    """

    place: int
    wait: float | None


Steps = Callable[[str], Sequence[tuple[int, int]]]
"""Tells of a line after how many seconds which most penalty holds, as `lines.steps` does."""


def expected(
    callers: Sequence[Waiting],
    seats: Sequence[Seat],
    pace: Callable[[str], Pace | None],
    steps: Steps,
) -> dict[str, Expected]:
    """Return what each caller may expect, by her id. `callers` stand in the order of service."""
    who = {line: _who(line, seats, steps(line)) for line in {caller.line for caller in callers}}
    paces = {line: pace(line) for line in who}
    runs = min(max(_WORK // (len(seats) * len(callers) or 1), _FEWEST), _MOST)
    chance = np.random.Generator(np.random.PCG64(_SEED))
    ready = _ready(seats, pace, runs, chance)
    rest = np.array([seat.wrap_up for seat in seats])
    rivals = {
        line: [each for each in who if each == line or np.intersect1d(able, who[each].agents).size]
        for line, able in ((line, hers.agents) for line, hers in who.items())
    }
    ahead = Counter[str]()
    found = {}
    for caller in callers:
        known = paces[caller.line]
        place, wait = sum(ahead[line] for line in rivals[caller.line]) + 1, None
        ahead[caller.line] += 1
        if known is not None:
            wait = _served(caller, who[caller.line], ready, rest, known, chance)
        found[caller.id] = Expected(place, wait)
    return found


@dataclass(frozen=True)
class _Who:
    """Who may ever answer a line, by index; after how many seconds; and who rather than others."""

    agents: npt.NDArray[np.intp]
    after: Floats
    rather: Floats


def _who(line: str, seats: Sequence[Seat], steps: Sequence[tuple[int, int]]) -> _Who:
    found = [
        (number, after, penalty * 1e-6)
        for number, penalty in ((n, seat.penalties.get(line)) for n, seat in enumerate(seats))
        if penalty is not None and (after := _after(penalty, steps)) is not None
    ]
    return _Who(
        np.array([number for number, _, _ in found], dtype=np.intp),
        np.array([after for _, after, _ in found]),
        np.array([rather for _, _, rather in found]),
    )


def _ready(
    seats: Sequence[Seat],
    pace: Callable[[str], Pace | None],
    runs: int,
    chance: np.random.Generator,
) -> Floats:
    """Return in how many seconds each agent is free, a row for each run."""
    ready = np.zeros((runs, len(seats)))
    for number, seat in enumerate(seats):
        ready[:, number] = seat.rest
        if seat.talks is not None:
            line, lasted = seat.talks
            known = pace(line)
            left = _left(known, lasted, _spread(runs, chance)) if known else np.zeros(runs)
            ready[:, number] = left + seat.wrap_up
    return ready


def _left(known: Pace, lasted: float, spread: Floats) -> Floats:
    """Return how much longer conversations last that have lasted so long."""
    talks = np.array(known.talks)
    longer = talks[talks > lasted] - lasted
    if longer.size < 3:  # longer than nearly all that are known: it will last as one that begins
        return _drawn(talks, spread)
    return _drawn(longer, spread)


def _served(
    caller: Waiting,
    who: _Who,
    ready: Floats,
    rest: Floats,
    known: Pace,
    chance: np.random.Generator,
) -> float | None:
    """Return a caller's mean wait, and let her be served in `ready` where she has not given up."""
    if not who.agents.size:
        return None
    runs = len(ready)
    begins = np.maximum(ready.take(who.agents, axis=1), np.maximum(who.after - caller.waited, 0.0))
    # Of those who may begin at the same moment the best is asked.
    chosen = np.argmin(begins + who.rather, axis=1)
    wait = begins[np.arange(runs), chosen] + known.ring
    agents = who.agents[chosen]
    ends = wait + _drawn(np.array(known.talks), _spread(runs, chance)) + rest[agents]
    stays = np.full(runs, True)
    if known.leaving:
        stays = -np.log(_spread(runs, chance)) / known.leaving >= wait
    ready[np.nonzero(stays)[0], agents[stays]] = ends[stays]
    return float(wait.mean())


def _after(penalty: int, steps: Sequence[tuple[int, int]]) -> float | None:
    """Return after how many seconds an agent of this penalty may answer; None: never."""
    if penalty <= AT_FIRST:
        return 0.0
    return min((float(after) for after, most in steps if penalty <= most), default=None)


def _spread(runs: int, chance: np.random.Generator) -> Floats:
    """Return numbers between 0 and 1, spread evenly, in an order of their own."""
    return (chance.permutation(runs) + 0.5) / runs


def _drawn(talks: Floats, spread: Floats) -> Floats:
    return talks[(spread * len(talks)).astype(np.intp)]
