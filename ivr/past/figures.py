"""The figures of a desk: each a number, and the calls it was counted from.

What each means, and by which custom, is in docs/figures.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from ivr.desk.ledger import Fate
from ivr.flow.story import channel_of
from ivr.past.marks import Mark, by_call
from ivr.past.waits import Wait

# Seconds within which callers are to be answered.
LEVELS = (15, 20, 30)
# Whoever calls again so soon has not been helped.
AGAIN = timedelta(hours=24)


@dataclass(frozen=True)
class Figure:
    """A count, a share from 0 to 1, seconds or a mark, as `unit` says; None of nothing.

    `of` is how many waits were looked at, `calls` the ids of the calls that count.
    """

    unit: str
    value: float | None
    of: int
    calls: tuple[str, ...]


def figures(
    known: Iterable[Wait],
    desk: str,
    wrap_up: float,
    begin: datetime,
    end: datetime,
    now: datetime,
    marks: Iterable[Mark] = (),
) -> dict[str, Figure]:
    """Return a desk's figures for the waits that began from `begin` until before `end`.

    `known` are the waits at all desks from `AGAIN` before it until `AGAIN` after it, in any order.
    `wrap_up` are the seconds an agent of this desk has after each call; `marks` are what callers
    of any desk gave then.
    """
    everybody = sorted(known, key=lambda wait: wait.began)
    here = [wait for wait in everybody if wait.desk == desk and begin <= wait.began < end]
    answered = [wait for wait in here if wait.fate is Fate.ANSWERED]
    found = {"offered": _count(here, here)}
    for fate in Fate:
        if fate is not Fate.UNSEEN:  # a record tells of what was seen
            those = [wait for wait in here if wait.fate is fate]
            found[fate.value.replace(" ", "_")] = _count(those, here)
    for seconds in LEVELS:
        soon = [wait for wait in answered if wait.waited <= seconds]
        found[f"service_level_{seconds}"] = _share(soon, here)
    handled = sum(wait.talked + wrap_up for wait in answered)
    found["average_handling_time"] = Figure(
        "seconds",
        round(handled / len(answered), 3) if answered else None,
        len(answered),
        _calls(answered),
    )
    found["mean_mark"] = _mean(by_call(marks, desk), answered)
    return found | _again(everybody, here, answered, now)


def _mean(marks: Mapping[str, int], answered: Sequence[Wait]) -> Figure:
    calls = [call for call in _calls(answered) if call in marks]
    value = round(sum(marks[call] for call in calls) / len(calls), 2) if calls else None
    return Figure("mark", value, len(answered), tuple(calls))


def _again(
    everybody: Sequence[Wait], here: Sequence[Wait], answered: Sequence[Wait], now: datetime
) -> dict[str, Figure]:
    of_caller: dict[str, list[Wait]] = {}
    for wait in everybody:
        if wait.caller:
            of_caller.setdefault(wait.caller, []).append(wait)

    def called_else(wait: Wait, after: datetime, until: datetime) -> bool:
        """Whether she waited in another call; the parts of one are one."""
        mine, call = of_caller[wait.caller], channel_of(wait.call)
        for other in islice(mine, bisect_right(mine, after, key=_began), None):
            if other.began > until:
                return False
            if channel_of(other.call) != call:
                return True
        return False

    def came_before(wait: Wait) -> bool:
        return called_else(wait, wait.began - AGAIN, wait.began)

    def comes_again(wait: Wait) -> bool:
        return called_else(wait, wait.ended, wait.ended + AGAIN)

    named = [wait for wait in here if wait.caller]
    judged = [wait for wait in answered if wait.caller and wait.ended + AGAIN <= now]
    return {
        "repeat_calls": _share([wait for wait in named if came_before(wait)], named),
        "first_call_resolution": _share([w for w in judged if not comes_again(w)], judged),
    }


def _began(wait: Wait) -> datetime:
    return wait.began


def _count(those: Sequence[Wait], among: Sequence[Wait]) -> Figure:
    return Figure("waits", len(those), len(among), _calls(those))


def _share(those: Sequence[Wait], among: Sequence[Wait]) -> Figure:
    value = round(len(those) / len(among), 4) if among else None
    return Figure("share", value, len(among), _calls(those))


def _calls(those: Iterable[Wait]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(wait.call for wait in those))
