"""One load, and what it cost and how it sounded."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
import tempfile
import time
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import dialogue
from bench.load.gauge import Cost, cost, dropped
from bench.load.rig import Rig, leading, listening
from bench.load.sipp import Placed, place
from tests.ports import free_port
from tests.stage import ROOT

# What a process takes without calls is measured for so long, and taken off.
IDLE = 5.0
# What is kept of calls is written behind them.
AFTERWARDS = 1.0


@dataclass(frozen=True)
class Side:
    """What a process took: milliseconds of processor time for each call, beyond what it takes
    without any (`idle`, in percent of a core), and the most it held meanwhile.

    `kilobytes` are those per call in progress, `resident` all.
    """

    per_call: float
    idle: float
    resident: int
    kilobytes: float
    threads: int
    files: int


@dataclass(frozen=True)
class Turn:
    """One load: who led it, what became of its calls, and what was measured.

    `late` are milliseconds from key to sound by what was to be heard, `gaps` counts packets by the
    milliseconds since the one before, `dropped` are those that the kernel kept from our ear, which
    `slept` for so many milliseconds at most.
    """

    contestant: str
    rate: float
    placed: Placed
    seconds: float
    switch: Side
    leading: Side
    late: dict[str, list[float]]
    unheard: dict[str, int]
    gaps: dict[int, int]
    lost: int
    dropped: int
    slept: float

    @property
    def spent(self) -> float:
        """Milliseconds for each call, of switch and controller together."""
        return self.switch.per_call + self.leading.per_call

    @property
    def keys(self) -> list[float]:
        """All times from key to sound, the shortest first."""
        return sorted(late for times in self.late.values() for late in times)

    @property
    def failed(self) -> int:
        """Calls that did not come about, or in which something was not heard."""
        return self.placed.failed + max(self.unheard.values(), default=0)


async def turn(
    rig: Rig,
    contestant: str,
    *,
    rate: float,
    calls: int,
    beside: AbstractAsyncContextManager[object] | None = None,
) -> Turn:
    """Let somebody lead so many calls, so many a second, and measure.

    `beside` is entered before is measured what it takes without any, and left behind the last call.
    """
    async with AsyncExitStack() as stack:
        pids = [rig.switch.pid, 0]
        if contestant != "plain":
            pids[1] = (await stack.enter_async_context(leading(rig.ground, contestant))).pid
        if contestant == "engine":  # its sentences are composed when they are said first
            await _load(rig, contestant, rate=8, calls=2 * len(dialogue.CUSTOMERS))
        if beside:
            await stack.enter_async_context(beside)
        await asyncio.sleep(AFTERWARDS)
        began, idle = time.monotonic(), [cost(pid) for pid in pids]
        await asyncio.sleep(IDLE)
        then, before = time.monotonic(), [cost(pid) for pid in pids]
        most = list(before)
        watching = asyncio.create_task(_watch(pids, most))
        placed, heard, drops = await _load(rig, contestant, rate=rate, calls=calls)
        await asyncio.sleep(AFTERWARDS)
        lasted, after = time.monotonic() - then, [cost(pid) for pid in pids]
        watching.cancel()
    sides = []
    for was, at_first, held, at_last in zip(idle, before, most, after, strict=True):
        rests = (at_first.seconds - was.seconds) / (then - began)
        spent = at_last.seconds - at_first.seconds - rests * lasted
        grown = held.kilobytes - at_first.kilobytes
        sides.append(
            Side(
                per_call=spent * 1000 / calls,
                idle=rests * 100,
                resident=held.kilobytes,
                kilobytes=grown / max(placed.most_at_once, 1),
                threads=held.threads,
                files=held.files,
            )
        )
    gaps = {int(gap): count for gap, count in heard.pop("gaps").items()}
    if missing := max(0, placed.answered - heard.pop("calls")):
        heard["unheard"]["welcome"] = missing
    del heard["packets"]
    switch, led = sides
    return Turn(contestant, rate, placed, lasted, switch, led, gaps=gaps, dropped=drops, **heard)


async def _load(
    rig: Rig, contestant: str, *, rate: float, calls: int
) -> tuple[Placed, dict[str, Any], int]:
    """Place calls; return what became of them, and what was heard."""
    with tempfile.TemporaryDirectory() as folder:
        ear, plan, told = free_port(socket.SOCK_DGRAM), Path(folder) / "plan", Path(folder) / "told"
        names = {path.stem.replace("-", " ", 1): str(path) for path in rig.ground.sounds.values()}
        plan.write_text(
            json.dumps(
                {
                    "port": ear,
                    "seconds": dialogue.LASTS,
                    "sounds": names,
                    "steps": dialogue.STEPS,
                    "customers": dialogue.CUSTOMERS,
                    "balances": {number: of for number, (of, _) in dialogue.BALANCES.items()},
                }
            )
        )
        words = ("-m", "bench.load.ear", str(plan), str(told))
        child = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT)
        try:
            await listening(ear, "udp")
            first = random.randrange(10_000_000)
            numbers = (f"139{(first + n) % 100_000_000:08d}" for n in range(calls))
            called = dialogue.NUMBERS[contestant]
            placed = await place(
                rig.sipp,
                rig.sip,
                called,
                numbers,
                ear=ear,
                rate=rate,
                seconds=dialogue.LASTS,
                calls=calls,
            )
            drops = dropped(ear)
        finally:
            child.terminate()
            await child.wait()
        return placed, json.loads(told.read_text()), drops


async def _watch(pids: list[int], most: list[Cost]) -> None:
    """Keep the most of everything, until cancelled."""
    while True:
        await asyncio.sleep(0.5)
        for number, pid in enumerate(pids):
            now, before = cost(pid), most[number]
            most[number] = Cost(
                now.seconds,
                max(now.kilobytes, before.kilobytes),
                max(now.threads, before.threads),
                max(now.files, before.files),
            )
