"""What a call costs on a real switch: a plain dialplan, a bare panoramisk script, and this engine.

    python -m bench.load [PART ...] [NAME=VALUE ...]

The parts are cost and growth (the short form), reload, queue, ceiling, busy and steady (the long
one), and lasting (an hour); NAME is an argument of bench/load/parts.py, such as minutes=30, or
more=1, which adds to what the part has. Raw data goes to bench/results/; part `docs` writes the
tables and pictures of docs/performance.md from it.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.load import parts, plots, told, waiting
from bench.load.gauge import machine
from bench.load.measure import Turn
from bench.load.shown import COLUMNS, ratios, row
from ivr.errors import IvrError

SHORT = ("cost", "growth")
KINDS: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "str": str}


async def main(words: list[str]) -> int:
    """Run the parts, and print a table for each."""
    given = dict(word.split("=", 1) for word in words if "=" in word)
    console = Console(highlight=False, width=200)
    console.print(", ".join(f"{name} {value}" for name, value in machine().items()))
    for name in [word for word in words if "=" not in word] or SHORT:
        if name == "docs":
            plots.draw()
            told.tell()
            continue
        part = waiting.queue if name == "queue" else getattr(parts, name)
        known = inspect.signature(part).parameters
        options = {k: KINDS[known[k].annotation](v) for k, v in given.items() if k in known}
        table = Table(*COLUMNS, title=f"{name}: {part.__doc__}")
        turns: list[Turn] = []

        try:
            if name == "queue":
                console.print(str(await part(partial(_tell, console), **options)))
                continue
            await part(partial(_say, console, table, turns), **options)
        except IvrError as fault:
            console.print(str(fault))
            return 1
        console.print(table)
        for line in ratios(turns):
            console.print(line)
    return 0


def _say(console: Console, table: Table, turns: list[Turn], of: str, at: int, turn: Turn) -> None:
    turns.append(turn)
    table.add_row(f"{of} {at}", *row(turn))
    console.print(f"{of} {at}: {' · '.join(row(turn))}")


def _tell(console: Console, phase: waiting.Phase) -> None:
    console.print(
        f"{phase.what}: switch {phase.switch:.1f} %, controller {phase.controller:.1f} %, "
        f"{phase.talks} talk, {phase.waiting} wait, {phase.answers:.1f} answers a second"
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
