"""What a call costs on a real switch: a plain dialplan, a bare panoramisk script, and this engine.

    python -m bench.load [PART ...] [NAME=VALUE ...]

The parts are cost and growth (the short form), ceiling, busy and steady (the long one); NAME is an
argument of bench/load/parts.py, such as minutes=30. Raw data goes to bench/results/; part `docs`
writes the tables and pictures of docs/performance.md from it.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from functools import partial

from rich.console import Console
from rich.table import Table

from bench.load import parts, plots, told
from bench.load.gauge import machine
from bench.load.measure import Turn
from bench.load.shown import COLUMNS, ratios, row
from ivr.errors import IvrError

SHORT = ("cost", "growth")


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
        part = getattr(parts, name)
        known = inspect.signature(part).parameters
        options = {key: float(value) for key, value in given.items() if key in known}
        options |= {k: int(v) for k, v in options.items() if known[k].annotation == "int"}
        table = Table(*COLUMNS, title=f"{name}: {part.__doc__}")
        turns: list[Turn] = []

        try:
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


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
