"""What callers were told of their waits, and what became of it: how far off it was, desk by desk.

A telling is compared with the time from then to the answer. Who was not answered in that wait says
nothing of it. "More than half an hour" is off only by what it was less than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from ivr.desk.ledger import Fate
from ivr.desk.teller import MINUTES
from ivr.flow.outlook import LONG
from ivr.flow.story import channel_of
from ivr.past.figures import Figure
from ivr.past.waits import Wait

# Who comes so much later than she was told was told too little.
TOO_LITTLE = 60.0
LONGEST = timedelta(hours=2)
"""No wait lasts longer."""
SLACK = timedelta(seconds=2)
"""A wait is written with the clock of its call, a telling with the hotline's."""


@dataclass(frozen=True)
class Telling:
    """What a caller was told at a desk, and when; `call` is the unique id of her channel.

    `told` are the seconds she heard of, None where only her place was known, `expected` those
    they were made of.
    """

    call: str
    desk: str
    place: int
    told: float | None
    expected: float | None
    at: datetime


@dataclass(frozen=True)
class Error:
    """By how many seconds more a caller was told than it became, in the call of this id.

    `of_estimate` is the same of what was expected, before it was put as people say it.
    """

    call: str
    more: float
    of_estimate: float


def errors(tellings: Iterable[Telling], waits: Iterable[Wait]) -> dict[str, dict[str, Figure]]:
    """Return the figures of each desk at which anything was told.

    `waits` are those that the tellings may belong to, in any order.
    """
    of_call: dict[tuple[str, str], list[Wait]] = {}
    for wait in waits:
        of_call.setdefault((channel_of(wait.call), wait.desk), []).append(wait)
    told: dict[str, list[Telling]] = {}
    for telling in tellings:
        told.setdefault(telling.desk, []).append(telling)
    return {
        desk: _figures(
            some, [e for each in some if (e := _error(each, of_call.get((each.call, desk), [])))]
        )
        for desk, some in sorted(told.items())
    }


def _error(telling: Telling, waits: Sequence[Wait]) -> Error | None:
    """Return what came of a telling; None where that is not known."""
    if telling.told is None:
        return None
    for wait in waits:
        answered = wait.began + timedelta(seconds=wait.waited)
        if wait.fate is Fate.ANSWERED and wait.began - SLACK <= telling.at <= answered + SLACK:
            came = max(0.0, (answered - telling.at).total_seconds())
            estimate = (telling.expected or 0.0) - came
            if telling.told >= LONG:
                return Error(wait.call, max(0.0, 60 * MINUTES[-1] - came), estimate)
            return Error(wait.call, telling.told - came, estimate)
    return None


def _figures(told: Sequence[Telling], known: Sequence[Error]) -> dict[str, Figure]:
    calls = tuple(dict.fromkeys(error.call for error in known))
    off = sorted(abs(error.more) for error in known)

    def seconds(of: Callable[[], float]) -> Figure:
        return Figure("seconds", round(of(), 1) if known else None, len(known), calls)

    late = [error for error in known if error.more < -TOO_LITTLE]
    return {
        "told": Figure("tellings", len(told), len(told), _of(telling.call for telling in told)),
        "answered": Figure("tellings", len(known), len(told), calls),
        "mean": seconds(lambda: fmean(off)),
        "median": seconds(lambda: _at(off, 0.5)),
        "nine_of_ten": seconds(lambda: _at(off, 0.9)),
        "estimate": seconds(lambda: fmean(abs(error.of_estimate) for error in known)),
        "bias": seconds(lambda: fmean(error.more for error in known)),
        "too_little": Figure(
            "share",
            round(len(late) / len(known), 4) if known else None,
            len(known),
            _of(error.call for error in late),
        ),
    }


def _at(off: Sequence[float], share: float) -> float:
    """Return what so large a share of the errors is no more than."""
    return off[min(len(off) - 1, int(share * len(off)))]


def _of(calls: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(calls))
