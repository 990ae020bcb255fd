"""How far off are the waits that callers are told, over simulated days: a table.

    python -m bench.wait

Who waits is told after 3 seconds and then every 30 how long it will still be, and it
is compared with how long it then was. Beside ours stand what app_queue announces,
`|hold time - waited|` with the hold time its own average (say_position and recalc_holdtime of
app_queue.c), what shops make of it, place times that hold time, and place times handling time over
agents at work.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from bench.callers import Agent, Caller, Callers, Day, Onlooker, Rate, live
from ivr.desk.forecast import Expected, Seat, Waiting, expected
from ivr.desk.lines import ANYONE, steps
from ivr.desk.teller import MINUTES, Teller
from ivr.desk.tempo import Tempo

BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)
SEEDS = (1, 2, 3)
SAID = "ours, as people say it"
OURS, ASTERISK, PLACES, TEAM = "ours", "app_queue", "place x hold time", "place x handling / agents"


@dataclass(frozen=True)
class Telling:
    """What a caller was told, by whom, and how it came, in seconds."""

    by: str
    told: float
    came: float

    @property
    def off(self) -> float:
        """How much more she was told than it became."""
        return self.told - self.came


@dataclass
class Foretellers(Onlooker):
    """All of them, looking on at one day; `told` is each caller with what she was told and when."""

    day: Day
    told: list[tuple[Caller, float, str, float]] = field(default_factory=list)
    unknown: int = 0
    tempo: Tempo = field(default_factory=Tempo)
    teller: Teller = field(default_factory=Teller)
    hold: dict[str, int] = field(default_factory=dict)
    handled: float = 0.0
    calls: int = 0

    def answered(self, caller: Caller, agent: int, rang: float, now: float) -> None:
        """Take an answer as the switch tells it."""
        waited = int(now - caller.came)
        before = self.hold.get(caller.line, 0)
        self.hold[caller.line] = ((before << 2) - before + waited) >> 2 if before else waited
        self._tell("AgentConnect", caller, agent, now, HoldTime=waited, RingTime=int(rang))

    def over(self, caller: Caller, agent: int, now: float) -> None:
        """Take the end of a conversation."""
        self.handled += caller.talk + self.day.wrap_up
        self.calls += 1
        self._tell("AgentComplete", caller, agent, now, TalkTime=int(caller.talk))

    def left(self, caller: Caller, now: float) -> None:
        """Take somebody's giving up."""
        self._tell("QueueCallerAbandon", caller, 0, now, HoldTime=int(now - caller.came))

    def asked(
        self, caller: Caller, waiting: Sequence[Caller], agents: Sequence[Agent], now: float
    ) -> None:
        """Foretell, each in its own way."""
        queue = [Waiting(str(id(each)), each.line, now - each.came) for each in waiting]
        seats = [
            Seat(
                agent.penalties,
                self._talks(number, now),
                max(0.0, agent.free_from - now),
                self.day.wrap_up,
            )
            for number, agent in enumerate(agents)
            if not agent.is_paused
        ]
        ours = expected(queue, seats, self.tempo.pace, self.day.steps)[str(id(caller))]
        if ours.wait is None:
            self.unknown += 1
            return
        hold, waited = self.hold.get(caller.line, 0), now - caller.came
        place = [each for each in waiting if each.line == caller.line].index(caller) + 1
        able = sum(not each.is_paused and caller.line in each.penalties for each in agents)
        said = {
            OURS: ours.wait,
            SAID: min(self._said(caller, ours, now), 60.0 * MINUTES[-1]),
            ASTERISK: abs(hold - waited),
            PLACES: place * float(hold),
            TEAM: place * self.handled / max(self.calls, 1) / able,
        }
        self.told += [(caller, now, by, seconds) for by, seconds in said.items()]

    def tellings(self) -> list[Telling]:
        """Return what was told to all who were answered in the end."""
        return [
            Telling(by, told, caller.answered - at)
            for caller, at, by, told in self.told
            if caller.answered is not None
        ]

    def _said(self, caller: Caller, ours: Expected, now: float) -> float:
        said = self.teller.tell("desk", str(id(caller)), ours, BEGAN + timedelta(seconds=now))
        return said.wait or 0.0

    def _talks(self, number: int, now: float) -> tuple[str, float] | None:
        found = self.tempo.talking(f"PJSIP/{number}", BEGAN + timedelta(seconds=now))
        return found and (found[0], found[1].total_seconds())

    def _tell(self, kind: str, caller: Caller, agent: int, now: float, **more: int) -> None:
        event = {"Event": kind, "Queue": caller.line, "Interface": f"PJSIP/{agent}"}
        event |= {key: str(value) for key, value in more.items()}
        self.tempo.apply(event, BEGAN + timedelta(seconds=now))


def team(size: int, *shifts: tuple[float, float], **penalties: int) -> list[Agent]:
    """Return so many agents who are at work in these hours."""
    named = {name.replace("_and_", "+"): level for name, level in penalties.items()}
    return [Agent(named or {"desk": 0}, shifts) for _ in range(size)]


def always(rate: float) -> Rate:
    """Return as many calls in every hour."""
    return lambda hour: rate


def one_line(rate: Rate, most: float, patience: float = 900.0) -> list[Callers]:
    """Return callers of a desk's own line."""
    return [Callers("desk", rate, most, patience=patience)]


def _burst(hour: float) -> float:
    return 360.0 if 3.0 <= hour < 3.5 else 110.0


DAYS = (
    Day("steady", 8, one_line(always(170), 170), lambda: team(10, (0, 12))),
    Day("burst", 8, one_line(_burst, 360), lambda: team(8, (0, 14))),
    Day(
        "agents leaving",
        8,
        one_line(always(120), 120),
        lambda: team(5, (0, 14)) + team(1, (0, 5)) + team(2, (0, 4)) + team(2, (0, 3)),
    ),
    Day(
        "agents coming",
        8,
        one_line(always(150), 150),
        lambda: team(6, (0, 14)) + team(2, (2, 14)) + team(2, (3, 14)) + team(2, (4, 14)),
    ),
    Day(
        "lunch dip",
        8,
        one_line(always(150), 150),
        lambda: team(4, (0, 14)) + team(3, (0, 3), (4, 14)) + team(3, (0, 4), (5, 14)),
    ),
    Day(
        "two skills",
        8,
        [
            Callers("desk+cmn", always(100), 100, patience=900),
            Callers("desk+yue", always(60), 60, talk=240, patience=900),
        ],
        lambda: (
            team(4, (0, 14), desk_and_cmn=0, desk_and_yue=ANYONE)
            + team(3, (0, 14), desk_and_yue=0)
            + team(3, (0, 14), desk_and_cmn=1, desk_and_yue=2)
        ),
        steps=lambda line: steps(None, 120),
    ),
)


def measured(day: Day, seeds: Sequence[int] = SEEDS, one_in: int = 1) -> dict[str, list[Telling]]:
    """Return what was told over a day to one in so many, lived once for each seed, by who told."""
    found: dict[str, list[Telling]] = {}
    for seed in seeds:
        foretellers = Foretellers(day)
        live(day, seed, foretellers, one_in=one_in)
        for telling in foretellers.tellings():
            found.setdefault(telling.by, []).append(telling)
    return found


def erlang_c(agents: int, load: float, talk: float) -> float:
    """Return the mean wait of M/M/c in seconds; `load` in erlangs, below `agents`."""
    terms = [load**n / math.factorial(n) for n in range(agents)]
    last = load**agents / math.factorial(agents) * agents / (agents - load)
    return last / (sum(terms) + last) * talk / (agents - load)


def mean(of: Callable[[Telling], float], told: Sequence[Telling]) -> float:
    """Return the mean of something told."""
    return statistics.fmean(map(of, told))


def main() -> None:
    """Measure, and print the table."""
    table = Table(
        "day", "told by", "times", "off by", "median", "9 of 10", "bias", "too little by 1 min"
    )
    for day in DAYS:
        for by, told in measured(day).items():
            off = sorted(abs(each.off) for each in told)
            less = sum(each.off < -60 for each in told) / len(told)
            figures = (
                mean(lambda t: abs(t.off), told),
                off[len(off) // 2],
                off[len(off) * 9 // 10],
            )
            table.add_row(
                day.name if by == OURS else "",
                by,
                str(len(told)),
                *(f"{seconds:.0f} s" for seconds in figures),
                f"{mean(lambda t: t.off, told):+.0f} s",
                f"{less:.0%}",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
