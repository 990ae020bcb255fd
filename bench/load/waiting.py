"""A desk of a thousand agents who all talk, three hundred who wait, and five answers a second."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.load import dialogue
from bench.load.floor import Caller, Floor, opened
from bench.load.gauge import cost
from bench.load.results import keep_rows
from bench.load.rig import Rig, leading, members_of, rig
from ivr.meanwhile import meanwhile

# Who waits looks once a second whether it is her turn (RECHECK in app_queue.c), by a clock of her
# own; then a phone has to be rung.
SIDE_BY_SIDE = 1.2
# Her place is that of the second in which she came (`arrived` in dialplans/passing.conf).
SAME = 1.0
# Calls a second that bring the agents into talks, and the others into the queue.
COMING = 25.0
FIRST = 15_000_000_000
# The first agent who hangs up breathes for 5 s (wrap_up of desks.yaml), then a phone rings.
WARM = 8.0


@dataclass(frozen=True)
class Phase:
    """How things stood for so many seconds, and what switch and controller took, in percent of a
    core; `answers` are those a second."""

    what: str
    seconds: float
    switch: float
    controller: float
    talks: int
    waiting: int
    answers: float


@dataclass(frozen=True)
class Order:
    """How many were rung for, and of those how many pairs in another order than they came in.

    Side by side are two for whom phones rang within a moment, or who came within one.
    """

    served: int
    side_by_side: int
    passed_over: int

    @classmethod
    def of(cls, callers: Sequence[Caller]) -> Order:
        """Judge the order of those for whom a phone has rung."""
        served = sorted((c for c in callers if c.rang), key=lambda c: c.rang)
        beside = over = 0
        for first, then in itertools.combinations(served, 2):
            if then.came < first.came:
                near = then.rang - first.rang < SIDE_BY_SIDE or first.came - then.came < SAME
                beside += near
                over += not near
        return cls(len(served), beside, over)


Say = Callable[[Phase], None]


async def queue(
    say: Say,
    *,
    members: int = 1000,
    waiting: int = 300,
    answers: float = 5,
    seconds: float = 40,
) -> Order:
    """Measure each state of such a desk for so long; return in which order callers were served."""
    phases: list[Phase] = []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            rig(Path(folder) / "rig", members=members) as made,
            leading(made.ground, "engine") as controller,
            opened(made.ground.settings.sip_port) as floor,
        ):

            async def phase(what: str, lasts: float) -> None:
                phases.append(await _phase(made, controller.pid, floor, what, lasts))
                say(phases[-1])

            numbers = map(str, itertools.count(FIRST))
            agents = [str(number) for number in members_of(members)]
            await floor.log_in({each: made.ground.secret(f"agent {each}") for each in agents})
            await phase("agents logged in", seconds / 4)
            called = dialogue.NUMBERS["queue"]
            await floor.crowd(called, itertools.islice(numbers, members), COMING)
            await floor.until(lambda: floor.talks >= members, within=30)
            await phase("they talk", seconds / 4)
            await floor.crowd(called, itertools.islice(numbers, waiting), COMING)
            await floor.until(lambda: floor.waiting >= waiting, within=30)
            await phase("callers wait", seconds / 4)
            async with (
                meanwhile(floor.ending(answers), "ending talks"),
                meanwhile(floor.crowd(called, numbers, answers), "callers"),
            ):
                await asyncio.sleep(WARM)
                await phase("they are answered", seconds)
            order = Order.of(list(floor.callers.values())[members:])
            keep_rows(
                "queue",
                made,
                [asdict(each) for each in phases],
                order=asdict(order) | {"callers": len(floor.callers), "lost": floor.lost},
                again=floor.again,
            )
            return order


async def _phase(made: Rig, controller: int, floor: Floor, what: str, lasts: float) -> Phase:
    pids = (made.switch.pid, controller)
    rung = sum(bool(c.rang) for c in floor.callers.values())
    then, before = time.monotonic(), [cost(pid).seconds for pid in pids]
    await asyncio.sleep(lasts)
    took, after = time.monotonic() - then, [cost(pid).seconds for pid in pids]
    switch, led = (100 * (b - a) / took for a, b in zip(before, after, strict=True))
    answers = (sum(bool(c.rang) for c in floor.callers.values()) - rung) / took
    return Phase(what, took, switch, led, floor.talks, floor.waiting, answers)
