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

# Places in a table of all runs, agents and callers; a thousand agents and two hundred callers take
# some ten milliseconds then, as do a handful of both.
_WORK = 4_000_000
_FEWEST, _MOST = 16, 512
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
    who = {line: _may_answer(line, seats) for line in {caller.line for caller in callers}}
    paces = {line: pace(line) for line in who}
    runs = min(max(_WORK // (len(seats) * len(callers) or 1), _FEWEST), _MOST)
    chance = np.random.Generator(np.random.PCG64(_SEED))
    ready = _ready(seats, pace, runs, chance)
    rest = np.array([seat.wrap_up for seat in seats])
    rivals = {
        line: [other for other in who if other == line or np.intersect1d(able, who[other]).size]
        for line, able in who.items()
    }
    ahead = Counter[str]()
    found = {}
    for caller in callers:
        able, known = who[caller.line], paces[caller.line]
        place, wait = sum(ahead[line] for line in rivals[caller.line]) + 1, None
        ahead[caller.line] += 1
        if known is not None:
            wait = _served(caller, seats, able, ready, rest, known, steps(caller.line), chance)
        found[caller.id] = Expected(place, wait)
    return found


def _may_answer(line: str, seats: Sequence[Seat]) -> npt.NDArray[np.intp]:
    return np.array([n for n, seat in enumerate(seats) if line in seat.penalties], dtype=np.intp)


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
    seats: Sequence[Seat],
    able: npt.NDArray[np.intp],
    ready: Floats,
    rest: Floats,
    known: Pace,
    steps: Sequence[tuple[int, int]],
    chance: np.random.Generator,
) -> float | None:
    """Return a caller's mean wait, and let her be served in `ready` where she has not given up."""
    penalties = [seats[n].penalties[caller.line] for n in able]
    since = np.array([_from(penalty, steps) - caller.waited for penalty in penalties])
    reach = np.isfinite(since)
    able, since = able[reach], since[reach]
    if not able.size:
        return None
    runs = len(ready)
    begins = np.maximum(ready[:, able], since)
    # Of those who may begin at once the best is asked.
    best = np.array(penalties, dtype=float)[reach] * 1e-6
    chosen = np.argmin(np.maximum(begins, 0.0) + best, axis=1)
    begin = np.maximum(begins[np.arange(runs), chosen], 0.0)
    wait = begin + known.ring
    ends = wait + _drawn(np.array(known.talks), _spread(runs, chance)) + rest[able[chosen]]
    if known.leaving:
        stays = -np.log(_spread(runs, chance)) / known.leaving >= wait
    else:
        stays = np.full(runs, True)
    ready[np.nonzero(stays)[0], able[chosen[stays]]] = ends[stays]
    return float(wait.mean())


def _from(penalty: int, steps: Sequence[tuple[int, int]]) -> float:
    """Return after how many seconds an agent of this penalty may answer; infinity: never."""
    if penalty <= AT_FIRST:
        return 0.0
    return min((after for after, most in steps if penalty <= most), default=float("inf"))


def _spread(runs: int, chance: np.random.Generator) -> Floats:
    """Return numbers between 0 and 1, spread evenly, in an order of their own."""
    return (chance.permutation(runs) + 0.5) / runs


def _drawn(talks: Floats, spread: Floats) -> Floats:
    return talks[(spread * len(talks)).astype(np.intp)]
