"""The parts of the bench: which loads are placed, in which order.

With `more=1` what is measured is added to what the part has already, in place of being all of it: a
long part is measured piece by piece, on a machine that is idle for a while only.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bench.load import dialogue
from bench.load.events import Events
from bench.load.lasting import Lasting
from bench.load.measure import Turn, turn
from bench.load.reloading import Reloading
from bench.load.results import Measured, keep, keep_rows, read, rows_of
from bench.load.rig import Rig, rig
from ivr.meanwhile import meanwhile

CONTESTANTS = ("plain", "bare", "engine")
# A key that is not answered within so many milliseconds is answered too late.
LATE = 1000.0
NODES = MEMBERS = 1000
GROWN = {
    "nodes": (10, 100, NODES),
    "members": (0, 100, MEMBERS),
    "events a second": (250, 500, 1000),
}

Say = Callable[[str, int, Turn], None]
"""Is told what was varied, its value, and what was measured."""


@asynccontextmanager
async def _rig(nodes: int = 0, members: int = 0) -> AsyncIterator[Rig]:
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder) / "rig", nodes=nodes, members=members) as made:
            yield made


async def cost(
    say: Say, *, rounds: int = 2, rate: float = 16, calls: int = 160, more: int = 0
) -> None:
    """What a call costs, and how soon a key is answered: all three, in turns."""
    found = _before("cost", more)
    first = max((each.at + 1 for each in found), default=0)
    async with _rig() as made:
        for number in range(first, first + rounds):
            for contestant in CONTESTANTS:
                one = await turn(made, contestant, rate=rate, calls=calls)
                say("round", number, one)
                found.append(Measured("round", number, one))
                keep("cost", made, found)


async def growth(
    say: Say, *, of: str = "", rate: float = 8, calls: int = 48, more: int = 0
) -> None:
    """What grows with the flow's nodes, with the desk's members, and with the events of AMI."""
    found = _before("growth", more)
    for name, sizes in GROWN.items():
        for size in sizes if of in ("", name) else ():
            nodes = size if name == "nodes" else 0
            members = {"members": size, "events a second": MEMBERS}.get(name, 0)
            async with _rig(nodes, members) as made:
                events = Events(made, members, size) if name == "events a second" else None
                beside = meanwhile(events.make(), "events") if events else None
                one = await turn(made, "engine", rate=rate, calls=calls, beside=beside)
                at = round(events.rate) if events else size
                say(name, at, one)
                found.append(Measured(name, at, one))
                keep("growth", made, found)


async def reload(say: Say, *, at_once: int = 200, seconds: float = 40, more: int = 0) -> None:
    """Whether a key is answered later while new versions of a flow of 1,000 nodes are published."""
    found = _before("reload", more)
    async with _rig(NODES) as made:
        for each in (0, 1):
            reloading = Reloading(made) if each else None
            beside = meanwhile(reloading.publish(), "versions") if reloading else None
            rate = at_once / dialogue.LASTS
            calls = round(rate * seconds)
            one = await turn(made, "engine", rate=rate, calls=calls, beside=beside)
            times = await reloading.taken() if reloading else 0
            say("times published", times, one)
            found.append(Measured("times published", times, one))
            keep("reload", made, found)


async def ceiling(
    say: Say, *, who: str = "", first: int = 100, step: int = 100, most: int = 800, more: int = 0
) -> None:
    """How many calls at once each carries before the first one fails or is answered too late."""
    found = _before("ceiling", more)
    async with _rig() as made:
        for contestant in [who] if who else CONTESTANTS:
            for at_once in range(first, most + 1, step):
                rate = at_once / dialogue.LASTS
                one = await turn(made, contestant, rate=rate, calls=at_once * 2)
                say("at once", at_once, one)
                found.append(Measured("at once", at_once, one))
                keep("ceiling", made, found)
                if one.failed or one.placed.retransmitted or one.keys[-1:] > [LATE]:
                    break


async def busy(say: Say, *, minutes: float = 5, rate: float = 36, more: int = 0) -> None:
    """The busy hour of the mission: 36 calls a second, 360 at once."""
    await _alone(say, "busy", rate, minutes, more)


async def steady(say: Say, *, minutes: float = 10, rate: float = 40, more: int = 0) -> None:
    """400 calls at once, and the gaps in what callers hear."""
    await _alone(say, "steady", rate, minutes, more)


async def lasting(say: Say, *, minutes: float = 60, rate: float = 32) -> None:
    """An hour at 80 % of what is carried, and what is left of its callers."""
    async with _rig() as made:
        beside = Lasting(made)
        calls = round(rate * minutes * 60)
        one = await turn(made, "engine", rate=rate, calls=calls, beside=beside)
        say("calls a second", round(rate), one)
        held = [Measured("calls a second", round(rate), one)]
        keep_rows("lasting", made, rows_of(held), minutes=beside.rows, left=beside.left)


async def _alone(say: Say, part: str, rate: float, minutes: float, more: int) -> None:
    found = _before(part, more)
    async with _rig() as made:
        one = await turn(made, "engine", rate=rate, calls=round(rate * minutes * 60))
        say("calls a second", round(rate), one)
        keep(part, made, [*found, Measured("calls a second", round(rate), one)])


def _before(part: str, more: int) -> list[Measured]:
    return read(part)[1] if more else []
