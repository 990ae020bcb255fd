"""Whether a call notices that its controller dies: hundreds of deaths under real calls.

    make endure                             # 500 strikes under 100 callers, half an hour
    make endure ARGS="--strikes 20 --callers 12 --seed 7"

Callers read out balances, type numbers, leave messages, wait for agents and talk to one; each looks
at what was written of her call: her way, her keys, her language and speed, and that it is one
record. Meanwhile whoever leads the calls is killed, or stopped, or loses its link to the switch.
The seed tells what callers do and when it strikes; it is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from bench.endure.callers import Callers, Seen
from bench.endure.records import Records
from bench.endure.strikes import STRIKES, Strikes
from ivr.meanwhile import meanwhile
from ivr.running.turn import somebody_stands_by
from ivr.switch.softswitch import find
from tests.calls.hotline import Hotline, flows, until
from tests.calls.test_desk import on_duty

# One after the other, for the callers there are.
KINDS = ("reads", "types", "waits", "records")
AGENT = "1001"
# Seconds until a controller is there: 3 by itself, many times that beside other work.
READY = 120.0
PREFIX = Path("~/.cache/ivr-hotline/asterisk").expanduser()


class Striker:
    """Strikes a hotline at random moments; `back` are the seconds until another one leads."""

    def __init__(self, hotline: Hotline, strikes: Strikes, seed: int, every: float) -> None:
        self._hotline = hotline
        self._strikes = strikes
        self._random = random.Random(seed)
        self._every = every
        self.back: dict[str, list[float]] = {kind: [] for kind in STRIKES}

    async def strike(self, times: int) -> None:
        """Strike so many times."""
        for number in range(1, times + 1):
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * self._every)
            (kind,) = self._random.choices(list(STRIKES), list(STRIKES.values()))
            async with asyncio.timeout(READY):
                before = await self._leader()
            await until(self._stands_by, within=READY)
            self._strikes.note(kind)
            began = time.monotonic()
            if kind == "AMI cut":
                await self._cut()
            else:
                os.kill(before, signal.SIGKILL if kind == "killed" else signal.SIGSTOP)
                await until(partial(self._leads_no_more, before))
                self.back[kind].append(time.monotonic() - began)
            if number % 10 == 0:
                _told(f"{number} strikes")

    async def _stands_by(self) -> bool:
        return somebody_stands_by(self._hotline.state)

    async def _leads_no_more(self, before: int) -> bool:
        return await self._leader() != before

    async def _leader(self) -> int:
        while True:
            try:
                health = await asyncio.wait_for(self._hotline.get("/healthz"), 0.5)
                return int(health["parts"]["controller"]["pid"])
            except (aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.sleep(0.02)

    async def _cut(self) -> None:
        switch = find(PREFIX)
        assert switch is not None
        etc = self._hotline.state / "etc"
        shown = await asyncio.to_thread(switch.console, etc, "manager show connected")
        links = re.findall(r"^\s*controller\s+\S+\s+\d+\s+\d+\s+(\d+)", shown, re.MULTILINE)
        for link in links:
            await asyncio.to_thread(switch.console, etc, f"manager kick session {link}")


async def endure(home: Path, strikes: int, callers: int, seed: int, every: float) -> Seen:
    """Let calls endure so many strikes; print and return what was seen."""
    seen, noted, over = Seen(), Strikes(), asyncio.Event()
    folder = flows(
        home,
        ("answered: rate_us", "answered: bye"),
        ("  rate_us: {call: survey, go: bye}      # her mark, when the agent has hung up\n", ""),
    )
    _told(f"seed {seed}")
    with Hotline(home / "hotline", flows=str(folder), remember_callers="0d").running() as hotline:
        records = Records(hotline)
        every_one = Callers(hotline, records, seen, noted, seed)
        striker = Striker(hotline, noted, seed, every)
        async with meanwhile(records.follow(), "records"), on_duty(hotline, AGENT) as agent:
            kinds = [KINDS[number % len(KINDS)] for number in range(callers)]
            calling = [asyncio.create_task(every_one.go_on(kind, over)) for kind in kinds]
            calling.append(asyncio.create_task(every_one.with_agent(agent, over)))
            try:
                await striker.strike(strikes)
            except (AssertionError, TimeoutError) as fault:
                seen.wrong.append(f"the strikes ended early: {fault!r}")
            over.set()
            await asyncio.wait(calling, timeout=90)
    tell(seen, striker.back)
    return seen


def tell(seen: Seen, back: dict[str, list[float]]) -> None:
    """Print what was seen."""
    console = Console(width=100)
    table = Table("calls", "", "of them wrong")
    for kind, count in sorted(seen.calls.items()):
        table.add_row(kind, str(count), str(sum(one.startswith(kind) for one in seen.wrong)))
    console.print(table)
    table = Table("seconds", "times", "median", "95 %", "longest")
    for kind, lasted in back.items():
        add(table, f"{kind}: until another leads", lasted)
    for kind in ("", *STRIKES):
        steps = [took for took, struck in seen.steps if struck == kind]
        add(table, f"from a key to its node, {kind or 'nothing done'}", steps)
    add(table, "late packets in talks", seen.gaps)
    console.print(table)
    for told in (*seen.wrong, *seen.late):
        console.print(told)


def _told(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def add(table: Table, name: str, seconds: list[float]) -> None:
    """Add how long something took."""
    if not seconds:
        table.add_row(name, "0")
        return
    seconds = sorted(seconds)
    late = seconds[int(len(seconds) * 0.95)] if len(seconds) > 1 else seconds[0]
    figures: list[Any] = [statistics.median(seconds), late, seconds[-1]]
    table.add_row(name, str(len(seconds)), *(f"{figure:.2f}" for figure in figures))


def main() -> int:
    """Endure what the command line says."""
    words = argparse.ArgumentParser(prog="python -m bench.endure")
    words.add_argument("--strikes", type=int, default=500)
    words.add_argument("--callers", type=int, default=100)
    words.add_argument("--every", type=float, default=3.0, help="seconds between two strikes")
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    said = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = endure(Path(folder), said.strikes, said.callers, said.seed, said.every)
        seen = asyncio.run(run)
    return 1 if seen.wrong or seen.late or not seen.calls else 0


if __name__ == "__main__":
    sys.exit(main())
