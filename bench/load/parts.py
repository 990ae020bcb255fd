"""The parts of the bench: which loads are placed, in which order."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bench.load import dialogue
from bench.load.measure import Turn, turn
from bench.load.results import Measured, keep
from bench.load.rig import Rig, rig

CONTESTANTS = ("plain", "bare", "engine")
# A key that is not answered within so many milliseconds is answered too late.
LATE = 1000.0

Say = Callable[[str, int, Turn], None]
"""Is told what was varied, its value, and what was measured."""


@asynccontextmanager
async def _rig(nodes: int = 0, members: int = 0) -> AsyncIterator[Rig]:
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder) / "rig", nodes=nodes, members=members) as made:
            yield made


async def cost(say: Say, *, rounds: int = 2, rate: float = 16, calls: int = 160) -> None:
    """What a call costs, and how soon a key is answered: all three, in turns."""
    found = []
    async with _rig() as made:
        for number in range(rounds):
            for contestant in CONTESTANTS:
                one = await turn(made, contestant, rate=rate, calls=calls)
                say("round", number, one)
                found.append(Measured("round", number, one))
                keep("cost", made, found)


async def growth(say: Say, *, rate: float = 8, calls: int = 48) -> None:
    """What grows with the flow's nodes and with the desk's members."""
    found = []
    grown = [("nodes", n) for n in (10, 100, 1000)] + [("members", n) for n in (100, 1000)]
    for of, at in grown:
        nodes, members = (at, 0) if of == "nodes" else (0, at)
        async with _rig(nodes, members) as made:
            one = await turn(made, "engine", rate=rate, calls=calls)
            say(of, at, one)
            found.append(Measured(of, at, one))
            keep("growth", made, found)


async def ceiling(say: Say, *, first: int = 100, step: int = 100, most: int = 800) -> None:
    """How many calls at once each carries before the first one fails or is answered too late."""
    found = []
    async with _rig() as made:
        for contestant in CONTESTANTS:
            for at_once in range(first, most + 1, step):
                rate = at_once / dialogue.LASTS
                one = await turn(made, contestant, rate=rate, calls=at_once * 2)
                say("at once", at_once, one)
                found.append(Measured("at once", at_once, one))
                keep("ceiling", made, found)
                if one.failed or one.placed.retransmitted or one.keys[-1:] > [LATE]:
                    break


async def busy(say: Say, *, minutes: float = 5, rate: float = 36) -> None:
    """The busy hour of the mission: 36 calls a second, 360 at once."""
    await _alone(say, "busy", rate, minutes)


async def steady(say: Say, *, minutes: float = 10, rate: float = 40) -> None:
    """400 calls at once, and the gaps in what callers hear."""
    await _alone(say, "steady", rate, minutes)


async def _alone(say: Say, part: str, rate: float, minutes: float) -> None:
    async with _rig() as made:
        one = await turn(made, "engine", rate=rate, calls=round(rate * minutes * 60))
        say("calls a second", round(rate), one)
        keep(part, made, [Measured("calls a second", round(rate), one)])
