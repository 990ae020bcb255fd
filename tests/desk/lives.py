"""Callers as a switch has them: made-up lives, the news of them, and how badly it is heard."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ivr.desk.ledger import Fate, Ledger, Sums
from ivr.desk.lines import desk_of

Event = dict[str, str]


@dataclass(frozen=True)
class Hearing:
    """How often, from 0 to 1, an event of the switch is lost, heard twice, late, or made up."""

    lost: float = 0.0
    twice: float = 0.0
    late: float = 0.0
    rubbish: float = 0.0


@dataclass(frozen=True)
class News:
    """What happens at a moment: an event of the switch, or what the controller tells."""

    at: datetime
    event: Event | None = None
    enter: tuple[str, str] | None = None
    settle: tuple[str, Fate] | None = None


class Lives:
    """A switch full of callers; `led` is the part of them that the controller leads."""

    DESKS = ("front_desk", "roaming")
    QUEUES = ("front_desk", "front_desk+yue", "roaming")

    def __init__(self, seed: int, led: float = 0.7) -> None:
        self.chance = random.Random(seed)
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        self._led = led
        self._count = 0
        self._there: dict[str, tuple[str, bool]] = {}
        self._sums = {desk: Counter[str]() for desk in self.DESKS}

    def truth(self) -> dict[str, Sums]:
        """Return what an all-seeing ledger would say."""
        return {desk: Sums(**counted) for desk, counted in self._sums.items()}

    def listed(self) -> Iterator[Event]:
        """Yield what the switch answers to QueueStatus."""
        for queue in self.QUEUES:
            yield {"Event": "QueueParams", "Queue": queue}
            for caller, (where, _) in self._there.items():
                if where == queue:
                    yield {"Event": "QueueEntry", "Queue": queue, "Uniqueid": caller}
        yield {"Event": "QueueStatusComplete"}

    def live(self) -> Iterator[News]:
        """Yield the news of the next thing that happens to somebody."""
        self.now += timedelta(seconds=self.chance.expovariate(2))
        if self.chance.random() < 0.002:
            yield from (News(self.now, one) for one in self.listed())
        elif len(self._there) < 5 or (len(self._there) < 30 and self.chance.random() < 0.5):
            yield from self._come()
        else:
            yield from self._go(self.chance.choice(list(self._there)))

    def _come(self) -> Iterator[News]:
        self._count += 1
        caller = f"1795338000.{self._count}"
        queue, is_led = self.chance.choice(self.QUEUES), self.chance.random() < self._led
        sums = self._sums[desk_of(queue)]
        sums["offered"] += 1
        if is_led:
            yield News(self.now, enter=(caller, queue))
        if is_led and self.chance.random() < 0.1:  # no place, or nobody there: she never joins
            sums["overflowed"] += 1
            yield News(self.now, settle=(caller, Fate.OVERFLOWED))
            return
        sums["still_there"] += 1
        self._there[caller] = queue, is_led
        yield self._happens("QueueCallerJoin", caller, queue)

    def _go(self, caller: str) -> Iterator[News]:
        queue, is_led = self._there.pop(caller)
        unanswered = (Fate.GAVE_UP, Fate.CALLED_BACK, Fate.LEFT_A_MESSAGE, Fate.OVERFLOWED)
        fate = Fate.ANSWERED
        if self.chance.random() < 0.4:
            fate = self.chance.choice(unanswered) if is_led else Fate.GAVE_UP
        sums = self._sums[desk_of(queue)]
        sums["still_there"] -= 1
        sums[fate.name.lower()] += 1
        if fate is not Fate.ANSWERED:
            yield self._happens("QueueCallerAbandon", caller, queue)
        yield self._happens("QueueCallerLeave", caller, queue)
        if fate is Fate.ANSWERED:
            yield self._happens("AgentConnect", caller, queue)
        if is_led:
            yield News(self.now, settle=(caller, fate))

    def _happens(self, kind: str, caller: str, queue: str) -> News:
        self.now += timedelta(milliseconds=1)
        stamp = f"{self.now.timestamp():.6f}"
        event = {"Event": kind, "Queue": queue, "Uniqueid": caller, "Timestamp": stamp}
        return News(self.now, event)


def run(lives: Lives, hearing: Hearing, ledger: Ledger, news: int) -> Iterator[None]:
    """Tell a ledger so many pieces of news; yield after each."""
    chance, told, late = lives.chance, 0, list[Event]()
    while told < news:
        for one in lives.live():
            told += 1
            if one.enter:
                ledger.enter(*one.enter, one.at)
            elif one.settle:
                ledger.settle(*one.settle, one.at)
            elif one.event and chance.random() >= hearing.lost:
                late.append(one.event)
                if chance.random() < hearing.twice:
                    late.append(one.event)
                if chance.random() >= hearing.late:
                    while late:
                        ledger.apply(late.pop(chance.randrange(len(late))), one.at)
                        yield
            if chance.random() < hearing.rubbish:
                ledger.apply(_rubbish(chance), one.at)
            yield
    while late:
        ledger.apply(late.pop(0), lives.now)


def _rubbish(chance: random.Random) -> Event:
    kinds = ("QueueParams", "QueueEntry", "QueueStatusComplete", "QueueCallerJoin")
    return {
        "Event": chance.choice((*kinds, "QueueCallerLeave", "QueueCallerAbandon", "AgentConnect")),
        "Queue": chance.choice((*Lives.QUEUES, "", "forged")),
        "Uniqueid": f"1795338000.{chance.randrange(40)}",
    }
