"""Twice and five times as many callers as are let in, on a real hotline: who is in notices nothing.

    python -m bench.overload [--limit 100] [--seconds 40]

Callers come evenly, so many that the limit is just kept (0.95 of it), then twice and five times as
many, then as many as at first. *Served* is who was answered, heard the first sound in time, and was
never left in silence for more than 100 ms within the welcome; `goodput` is how many of those a
second, of the first row's. Refusals are the first word of it: the 503, or the 183 with which she is
told. Raw data goes to bench/results/.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.census import PREFIX
from bench.load.results import counted, keep_anyhow, values
from bench.load.shown import share
from bench.storm import Placed, Storm
from ivr.switch.softswitch import find
from tests.calls.hotline import Hotline

# How long a caller stays: the welcome, in three languages, is longer.
STAYS = 8.0
# Times the limit; evenly apart, so that nobody is refused.
FULL = 0.95
# A caller hears nothing for half a second, until the line is good to listen to; 0.3 s more is late.
SOON = 0.8
SILENCE = 0.1


@dataclass(frozen=True)
class Row:
    """What became of those who called at so many times the limit."""

    times: float
    lasted: float
    calls: list[Placed]

    @property
    def served(self) -> int:
        """How many were answered and heard what they should, in time."""
        return sum(map(_is_served, self.calls))

    def kept(self, before: Row | None = None) -> dict[str, Any]:
        """Return what is kept of it; `before` is the row whose goodput is the whole."""
        answered = [call for call in self.calls if call.status == 200]
        refused = [call for call in self.calls if call.status == 503]
        late = [call.began for call in self.calls if not _is_served(call)]
        return {
            "times": self.times,
            "seconds": self.lasted,
            "calls": len(self.calls),
            "served": self.served,
            "goodput": self.served * before.lasted / (self.lasted * before.served) if before else 1,
            "told": sum(bool(call.early) for call in refused),
            "refused": sum(not call.early for call in refused),
            "lost": len(self.calls) - len(answered) - len(refused),
            "well_after": max(late, default=self.calls[0].began) - self.calls[0].began,
            "sound": counted(call.until_sound for call in answered),
            "silence": counted(call.heard.longest_gap for call in answered),
            "refusal": counted(call.early or call.over for call in refused),
        }


def _is_served(call: Placed) -> bool:
    in_time = call.until_sound <= SOON and call.heard.longest_gap <= SILENCE
    return call.status == 200 and in_time


async def calling(storm: Storm, limit: int, times: float, seconds: float) -> Row:
    """Let so many call for so long, and wait for the end of their calls."""
    apart = STAYS / (limit * times)
    began = time.monotonic()
    tasks: list[asyncio.Task[Placed]] = []
    while (number := len(tasks)) * apart < seconds:
        await asyncio.sleep(max(0.0, began + number * apart - time.monotonic()))
        tasks.append(asyncio.create_task(storm.call("10086", STAYS)))
    return Row(times, seconds, await asyncio.gather(*tasks))


async def main(limit: int, seconds: float) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as home:
        hotline = Hotline(Path(home) / "home", most_calls=str(limit), rtp_ports="30000-33999")
        with hotline.running():
            storm = Storm(hotline.sip)
            await storm.open()
            rows = [await calling(storm, limit, FULL, seconds / 2)]
            rows += [await calling(storm, limit, times, seconds) for times in (2, 5)]
            rows += [await calling(storm, limit, FULL, seconds / 2)]
            storm.close()
    kept = [row.kept(None if row is rows[0] else rows[0]) for row in rows]
    switch = find(PREFIX)
    assert switch is not None
    keep_anyhow("overload", kept, asterisk=switch.version, limit=limit, stays=STAYS)
    table = Table(*HEAD)
    for row in kept:
        table.add_row(*cells(row))
    console = Console(width=140)
    console.print(table)
    well = kept[-1]["well_after"]
    console.print(f"well again {well:.1f} s after the last storm, {limit} let in at once")


HEAD = [
    "times the limit", "calls", "served", "goodput", "refused", "told", "lost",
    "first sound p50, p99, ms", "silence p99, ms", "refusal p50, p99, longest, ms",
]  # fmt: skip


def cells(row: Mapping[str, Any]) -> list[str]:
    """Return what is kept of a row as the columns of a table."""
    counts = (f"{row[name]:,}" for name in ("refused", "told", "lost"))
    return [
        f"{row['times']:g}",
        f"{row['calls']:,}",
        f"{row['served']:,}",
        f"{row['goodput']:.0%}",
        *counts,
        _shown(row["sound"], 0.5, 0.99),
        _shown(row["silence"], 0.99),
        _shown(row["refusal"], 0.5, 0.99, 1),
    ]


def _shown(times: Mapping[str, int], *parts: float) -> str:
    return ", ".join(f"{share(values(times), part):.0f}" for part in parts) if times else "-"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--limit", type=int, default=100)
    options.add_argument("--seconds", type=float, default=40)
    given = options.parse_args()
    asyncio.run(main(given.limit, given.seconds))
