"""A simulated day at a desk: callers come, wait, give up or are answered, as app_queue does it.

An agent rings for the caller who came first of all lines she answers, once that caller may have
her; until then she is kept free for her (`force_longest_waiting_caller`). Everything is drawn from
one seed. Whoever looks on is told what the switch would tell, and asked at every telling.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from ivr.desk.forecast import Steps

FIRST = 3.0
"""Seconds after which who waits is told for the first time: some music and words come before."""

Rate = Callable[[float], float]
"""Calls in an hour, at a time of the day in hours."""


@dataclass(frozen=True)
class Callers:
    """Who calls for a line: how many, how long they talk on average, and how long they wait.

    `spread` 0 is for conversations as M/M/c has them, exponential; else they are log-normal.
    """

    line: str
    rate: Rate
    most: float
    talk: float = 180.0
    spread: float = 0.7
    patience: float = math.inf


@dataclass
class Agent:
    """Somebody at work from one hour until another, but for breaks; and what she does."""

    penalties: Mapping[str, int]
    shifts: Sequence[tuple[float, float]]
    caller: Caller | None = None
    free_from: float = 0.0
    is_paused: bool = True

    def is_free(self, now: float) -> bool:
        return not self.is_paused and self.caller is None and self.free_from <= now


@dataclass
class Caller:
    """A caller and, once it has happened, when she was answered."""

    line: str
    came: float
    talk: float
    answered: float | None = None


@dataclass(frozen=True)
class Day:
    """What a day is made of."""

    name: str
    hours: float
    callers: Sequence[Callers]
    agents: Callable[[], list[Agent]]
    wrap_up: float = 10.0
    ring: tuple[float, float] = (2.0, 6.0)
    steps: Steps = field(default=lambda line: ())


class Onlooker:
    """Whoever follows a day; each method is told the time in seconds since its beginning."""

    def answered(self, caller: Caller, agent: int, rang: float, now: float) -> None: ...
    def over(self, caller: Caller, agent: int, now: float) -> None: ...
    def left(self, caller: Caller, now: float) -> None: ...
    def asked(
        self, caller: Caller, waiting: Sequence[Caller], agents: Sequence[Agent], now: float
    ) -> None: ...


def live(
    day: Day,
    seed: int,
    onlooker: Onlooker,
    *,
    first: float = FIRST,
    every: float = 30.0,
    one_in: int = 1,
) -> list[Caller]:
    """Let a day pass and return its callers.

    `one_in` so many asks, `first` after so many seconds, at 0 even if an agent is free for her, and
    then `every` so many for as long as she waits.
    """
    return _Run(day, seed, onlooker, first, every, one_in).whole()


class _Run:
    def __init__(
        self, day: Day, seed: int, onlooker: Onlooker, first: float, every: float, one_in: int
    ) -> None:
        self.day, self.onlooker = day, onlooker
        self.first, self.every, self.one_in = first, every, one_in
        self.chance = random.Random(seed)
        self.agents = day.agents()
        self.waiting: list[Caller] = []
        self.ringing: set[int] = set()
        self.all: list[Caller] = []
        self._later: list[tuple[float, int, Callable[[float], None]]] = []
        self._number = count()

    def at(self, when: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self._later, (when, next(self._number), what))

    def whole(self) -> list[Caller]:
        for who in self.day.callers:
            self.at(self._next(who, 0.0), lambda now, who=who: self.come(who, now))  # type: ignore[misc]
        for agent in self.agents:
            for begin, end in agent.shifts:
                self.at(begin * 3600, lambda now, agent=agent: self.pause(agent, False, now))  # type: ignore[misc]
                self.at(end * 3600, lambda now, agent=agent: self.pause(agent, True, now))  # type: ignore[misc]
        while self._later:
            now, _, what = heapq.heappop(self._later)
            what(now)
        return self.all

    def _next(self, who: Callers, now: float) -> float:
        while now < self.day.hours * 3600:
            now += self.chance.expovariate(who.most / 3600)
            if self.chance.random() * who.most < who.rate(now / 3600):
                break
        return now

    def come(self, who: Callers, now: float) -> None:
        if now >= self.day.hours * 3600:
            return
        self.at(self._next(who, now), lambda later: self.come(who, later))
        talk = self.chance.expovariate(1 / who.talk)
        if who.spread:
            middle = math.log(who.talk) - who.spread**2 / 2
            talk = self.chance.lognormvariate(middle, who.spread)
        caller = Caller(who.line, now, talk)
        self.all.append(caller)
        self.waiting.append(caller)
        if who.patience < math.inf:
            self.at(now + self.chance.expovariate(1 / who.patience), lambda at: self.go(caller, at))
        for after, _ in self.day.steps(who.line):
            self.at(now + after, self.serve)
        self.serve(now)
        if len(self.all) % self.one_in == 0:
            if self.first:
                self.at(now + self.first, lambda at: self.ask(caller, at))
            else:
                self.ask(caller, now)

    def go(self, caller: Caller, now: float) -> None:
        if caller in self.waiting:
            self.waiting.remove(caller)
            self.onlooker.left(caller, now)
            for number in list(self.ringing):
                if self.agents[number].caller is caller:
                    self.agents[number].caller = None
                    self.ringing.discard(number)
            self.serve(now)

    def ask(self, caller: Caller, now: float) -> None:
        if caller in self.waiting:
            self.onlooker.asked(caller, self.waiting, self.agents, now)
            self.at(now + self.every, lambda later: self.ask(caller, later))

    def pause(self, agent: Agent, paused: bool, now: float) -> None:
        agent.is_paused = paused
        self.serve(now)

    def serve(self, now: float) -> None:
        free = {n for n, agent in enumerate(self.agents) if agent.is_free(now)}
        rung = {id(self.agents[n].caller) for n in self.ringing}
        for caller in self.waiting:
            if not free:
                return
            if id(caller) in rung:
                continue
            hers = [n for n in free if caller.line in self.agents[n].penalties]
            most = max(
                (m for a, m in self.day.steps(caller.line) if now - caller.came >= a), default=4
            )
            may = [n for n in hers if self.agents[n].penalties[caller.line] <= most]
            if not may:
                free.difference_update(hers)
                continue
            best = min(
                may, key=lambda n: (self.agents[n].penalties[caller.line], self.agents[n].free_from)
            )
            free.discard(best)
            self.ring(caller, best, now)

    def ring(self, caller: Caller, number: int, now: float) -> None:
        self.agents[number].caller = caller
        self.ringing.add(number)
        rings = self.chance.uniform(*self.day.ring)

        def answer(at: float) -> None:
            if self.agents[number].caller is caller and caller.answered is None:
                self.ringing.discard(number)
                self.waiting.remove(caller)
                caller.answered = at
                self.onlooker.answered(caller, number, rings, at)
                self.at(at + caller.talk, lambda end: self.end(caller, number, end))

        self.at(now + rings, answer)

    def end(self, caller: Caller, number: int, now: float) -> None:
        agent = self.agents[number]
        agent.caller = None
        agent.free_from = now + self.day.wrap_up
        self.onlooker.over(caller, number, now)
        self.at(agent.free_from, self.serve)
