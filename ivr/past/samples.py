"""Samples: the talks of a week that somebody shall look at, by rule and not by choice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ivr.desk.ledger import Fate
from ivr.flow.story import channel_of
from ivr.past.figures import AGAIN
from ivr.past.waits import Wait

# Talks of each agent and week that are drawn.
EACH = 5
# The best mark that is still a low one, of 1 to 5.
LOW = 2


class Why(StrEnum):
    """By which rule a talk is a sample."""

    DRAWN = "drawn"
    LOW_MARK = "low mark"
    CALLED_AGAIN = "called again"


@dataclass(frozen=True)
class Sample:
    """A talk to look at, by one rule or several; `mark` is the caller's, None without one."""

    talk: Wait
    why: tuple[Why, ...]
    mark: int | None


def week(text: str) -> tuple[date, date]:
    """Return the Mondays at which a week such as `2026-W48` begins and ends. Raises ValueError."""
    if len(text) != len("2026-W48"):
        raise ValueError(text)
    monday = date.fromisoformat(f"{text}-1")
    return monday, monday + timedelta(days=7)


def samples(
    known: Iterable[Wait],
    marks: Mapping[str, int],
    begin: datetime,
    end: datetime,
    name: str,
    each: int = EACH,
) -> list[Sample]:
    """Return the samples of the talks that began from `begin` until before `end`, by agent.

    `known` are waits until `AGAIN` after it, in any order; `marks` are by call; `name` is the
    week's. Whoever asks, however often, gets the same: what is drawn depends on the week and the
    call alone, so nobody can draw until it pleases, and a talk is as likely as any other.
    """
    everybody = sorted(known, key=lambda wait: wait.began)
    talks = [x for x in everybody if x.fate is Fate.ANSWERED and begin <= x.began < end]
    why: dict[Wait, list[Why]] = {talk: [] for talk in talks}
    for talk in _drawn(talks, name, each):
        why[talk].append(Why.DRAWN)
    for talk in talks:
        if marks.get(talk.call, LOW + 1) <= LOW:
            why[talk].append(Why.LOW_MARK)
    for talk in _called_again(everybody):
        if talk in why:
            why[talk].append(Why.CALLED_AGAIN)
    found = [
        Sample(talk, tuple(rules), marks.get(talk.call)) for talk, rules in why.items() if rules
    ]
    return sorted(found, key=_order)


def _order(sample: Sample) -> tuple[str, datetime, str]:
    return sample.talk.agent, sample.talk.began, sample.talk.call


def _drawn(talks: Iterable[Wait], name: str, each: int) -> Iterator[Wait]:
    """Yield so many talks of each agent: those whose lots are lowest."""
    of_agent: dict[str, list[Wait]] = {}
    for talk in talks:
        of_agent.setdefault(talk.agent, []).append(talk)
    for hers in of_agent.values():
        yield from sorted(hers, key=lambda talk: _lot(name, talk))[:each]


def _lot(name: str, talk: Wait) -> bytes:
    return hashlib.sha256(f"{name} {talk.call} {talk.began.timestamp()}".encode()).digest()


def _called_again(everybody: Iterable[Wait]) -> Iterator[Wait]:
    """Yield the talks whose callers came to a desk again soon, in another call."""
    of_caller: dict[str, list[Wait]] = {}
    for wait in everybody:
        if wait.caller:
            of_caller.setdefault(wait.caller, []).append(wait)
    for hers in of_caller.values():
        for index, talk in enumerate(hers):
            others = (w for w in hers[index + 1 :] if channel_of(w.call) != channel_of(talk.call))
            later = next((wait for wait in others if wait.began > talk.ended), None)
            if later and later.began <= talk.ended + AGAIN:
                yield talk
