"""Twice and five times as many callers as are let in, on a real hotline: who is in notices nothing.

    python -m bench.overload [--limit 100] [--seconds 40]

Callers come evenly, so many that the limit is just kept, then twice and five times as many, then as
many as at first. *Served* is who was answered, heard the first sound in time, and was never left
in silence for more than 100 ms within the welcome; `goodput` is how many of those a second, of the
first row's. Refusals are the first word of it: the 503, or the 183 with which she is told.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.storm import Placed, Storm
from tests.calls.hotline import Hotline

# How long a caller stays: the welcome, in three languages, is longer.
STAYS = 8.0
# Of the limit; evenly apart, so that nobody is refused at 1.
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

    @property
    def rate(self) -> float:
        """Served, a second."""
        return self.served / self.lasted


def _is_served(call: Placed) -> bool:
    in_time = call.until_sound <= SOON and call.heard.longest_gap <= SILENCE
    return call.status == 200 and in_time


async def calling(storm: Storm, limit: int, times: float, seconds: float) -> Row:
    """Let so many call for so long, and wait for the end of their calls."""
    apart = STAYS / (limit * FULL * times)
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
            rows = [await calling(storm, limit, 1, seconds / 2)]
            rows += [await calling(storm, limit, times, seconds) for times in (2, 5)]
            rows += [await calling(storm, limit, 1, seconds / 2)]
            storm.close()
    table = Table("times", "calls", "served", "goodput", "refused", "told", "lost", *_TIMES)
    for row in rows:
        table.add_row(*_cells(row, rows[0].rate))
    console = Console(width=140)
    console.print(table)
    late = [call.began for call in rows[-1].calls if not _is_served(call)]
    well = max(late, default=rows[-1].calls[0].began) - rows[-1].calls[0].began
    console.print(f"well again {well:.1f} s after the last storm, {limit} let in at once")


_TIMES = ("sound, p50", "p99", "silence, p99", "refusal, p50", "p99", "longest")


def _cells(row: Row, before: float) -> list[str]:
    answered = [call for call in row.calls if call.status == 200]
    refused = [call for call in row.calls if call.status == 503]
    words = sorted(call.early or call.over for call in refused)
    sounds = sorted(call.until_sound for call in answered)
    gaps = sorted(call.heard.longest_gap for call in answered)
    told = sum(bool(call.early) for call in refused)
    lost = len(row.calls) - len(answered) - len(refused)
    times = [(sounds, 0.5), (sounds, 0.99), (gaps, 0.99), (words, 0.5), (words, 0.99), (words, 1)]
    return [
        f"{row.times:g}",
        str(len(row.calls)),
        str(row.served),
        f"{row.rate / before:.0%}",
        str(len(refused) - told),
        str(told),
        str(lost),
        *(_shown(seconds, share) for seconds, share in times),
    ]


def _shown(seconds: list[float], share: float) -> str:
    if not seconds:
        return "-"
    return f"{1000 * seconds[min(len(seconds) - 1, int(share * len(seconds)))]:.0f} ms"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--limit", type=int, default=100)
    options.add_argument("--seconds", type=float, default=40)
    given = options.parse_args()
    asyncio.run(main(given.limit, given.seconds))
