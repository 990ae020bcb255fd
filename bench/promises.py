"""A month of the relay desk in simulated time: how many promises are kept.

    python -m bench.promises            # thirty days
    python -m bench.promises --days 3

Six agents from 9:00 to 22:00, calls of 148 s on average, callers at random by the hour, around the
clock. Who finds nobody within two minutes, or calls at night, is offered a call back where the desk
can keep it; of those called, one in seven is busy or does not answer. What is dialled when is
decided by ivr/desk/agenda.py, what is promised by ivr/flow/promise.py and ivr/desk/workload.py, and
agents take who came first, live or booked, as the switch does.
"""

from __future__ import annotations

import argparse
import heapq
import random
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ivr.desk.agenda import Booking, Outcome, Rule, State, begun, ended, plan
from ivr.desk.order import tenths
from ivr.desk.workload import Pace, can_keep
from ivr.flow.hours import Hours
from ivr.flow.promise import Promise

DESK = "relay"
SEATS = 6
TALKS = 148.0
WAITS = 120.0
RINGS = 25.0
AWAY = 0.15
ACCEPTS = 0.9
RULE = Rule(Hours.model_validate({"open": "Mo-Su 09:00-22:00"}))
# Callers in each hour of the day; six agents take 146 an hour.
NIGHT = (6, 3, 2, 1, 1, 2, 4, 12, 35)  # until nine
DAY = (110, 145, 150, 120, 105, 125, 150, 145, 125, 105, 120, 135, 95)
BY_HOUR = (*NIGHT, *DAY, 25, 12)


@dataclass
class Result:
    """What became of a month."""

    calls: int = 0
    served: int = 0
    refused: int = 0
    fates: Counter[State] = field(default_factory=Counter)
    unreachable: int = 0
    latest: timedelta = timedelta(0)

    @property
    def kept(self) -> float:
        """The share of promises that were kept in time."""
        return self.fates[State.KEPT] / max(1, self.fates.total())


class Month:
    """The desk and its callers; `run` lets so many days go by."""

    def __init__(self, seed: int, busy: float = 1.0) -> None:
        self._chance = random.Random(seed)
        self._busy = busy
        self._result = Result()
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = 0
        self._now = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(hours=8)
        self._free = SEATS
        self._live: deque[tuple[int, int]] = deque()
        self._gone = set[int]()
        self._book: dict[int, Booking] = {}
        self._standing: list[tuple[int, int]] = []
        self._handled: deque[float] = deque(maxlen=2000)

    def run(self, days: int) -> Result:
        """Return what became of so many days, and of whatever was promised in them."""
        for moment in self._arrivals(days):
            self._at(moment, self._arrives)
        end = self._now + timedelta(days=days + 2)
        day = self._now
        while day < end:
            self._at(day + timedelta(hours=9), self._work)
            day += timedelta(days=1)
        while self._events:
            self._now, _, happens = heapq.heappop(self._events)
            happens()
        assert not self._book, "nobody is forgotten"
        return self._result

    def _arrivals(self, days: int) -> Iterator[datetime]:
        start = self._now
        for hour in range(days * 24):
            rate = BY_HOUR[hour % 24] * self._busy
            passed = self._chance.expovariate(rate)
            while passed < 1:
                yield start + timedelta(hours=hour + passed)
                passed += self._chance.expovariate(rate)

    def _at(self, moment: datetime, happens: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._events, (moment, self._number, happens))

    def _after(self, seconds: float, happens: Callable[[], None]) -> None:
        self._at(self._now + timedelta(seconds=seconds), happens)

    @property
    def _is_open(self) -> bool:
        return RULE.hours.state(self._now) == "open"

    def _arrives(self) -> None:
        self._result.calls += 1
        caller, came = self._result.calls, tenths(self._now)
        if not self._is_open:
            self._offer(caller, came)
            return
        self._live.append((came, caller))
        self._after(WAITS, lambda: self._gives_up(caller, came))
        self._work()

    def _gives_up(self, caller: int, came: int) -> None:
        if (came, caller) in self._live:
            self._live.remove((came, caller))
            self._offer(caller, came)
            self._work()

    def _offer(self, caller: int, came: int) -> None:
        until = Promise(RULE.within, RULE.hours).until(self._now)
        handled = sum(self._handled) / len(self._handled) if self._handled else 180.0
        ahead = len(self._live) + len(self._book)
        pace = Pace(ahead, SEATS, timedelta(seconds=handled))
        if until is None or not can_keep(pace, RULE):
            self._result.refused += 1
        elif self._chance.random() < ACCEPTS:
            self._book[caller] = Booking(
                str(caller), "138", DESK, "cmn", self._now, until, came, id=caller
            )

    def _work(self) -> None:
        found = plan(self._book.values(), {DESK: RULE}, {DESK: SEATS}, self._now)
        for booking in found.broken:
            self._over(booking, State.BROKEN)
        for booking in found.dial:
            self._book[booking.id] = begun(booking)
            heapq.heappush(self._standing, (booking.arrived, booking.id))
        while self._free and (self._live or self._standing):
            self._free -= 1
            if self._standing and (not self._live or self._standing[0] < self._live[0]):
                self._call_back(heapq.heappop(self._standing)[1])
                self._work()
                return
            self._live.popleft()
            self._result.served += 1
            self._after(self._talk(), self._is_free)

    def _call_back(self, id: int) -> None:
        if self._chance.random() < AWAY:
            self._after(RINGS, lambda: self._ended(id, Outcome.NO_ANSWER))
            return
        rings = self._chance.uniform(3, 15)
        self._after(rings, lambda: self._ended(id, Outcome.TALKED))

    def _ended(self, id: int, outcome: Outcome) -> None:
        booking = ended(self._book[id], outcome, RULE, self._now)
        if outcome is Outcome.TALKED:
            self._result.latest = max(self._result.latest, self._now - booking.promised)
            self._after(self._talk(), self._is_free)
        else:
            self._result.unreachable += booking.state.is_over
            self._is_free()
        if booking.state.is_over:
            self._over(booking, booking.state)
        else:
            self._book[id] = booking
            self._after(RULE.pause.total_seconds(), self._work)

    def _over(self, booking: Booking, state: State) -> None:
        del self._book[booking.id]
        self._result.fates[state] += 1

    def _talk(self) -> float:
        self._handled.append(self._chance.expovariate(1 / TALKS))
        return self._handled[-1]

    def _is_free(self) -> None:
        self._free += 1
        self._work()


def main(words: Sequence[str] | None = None) -> None:
    """Print a usual month, a busier one and a slack one."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--days", type=int, default=30)
    days = options.parse_args(words).days
    for busy in (0.8, 1.0, 1.2):
        result = Month(1, busy).run(days)
        states = " ".join(f"{state} {result.fates[state]}" for state in (State.LATE, State.BROKEN))
        print(  # noqa: T201
            f"{busy:.0%} of the usual callers, {days} days: {result.calls} calls, "
            f"{result.served} served at once, {result.refused} not promised, "
            f"{result.fates.total()} promised: kept {result.kept:.2%}, {states} "
            f"({result.unreachable} never answered), the latest {result.latest} after its time"
        )


if __name__ == "__main__":
    main()
