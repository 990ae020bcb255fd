"""An hour of callers at a share of the limit: no task, file, channel or socket may be left of them.

    python -m bench.soak --minutes 60 --limit 100 --share 0.8

Callers come at random. Of four, one hangs up within the welcome, one asks for her balance, one
waits in the queue and gives up, and one presses keys that mean nothing. Every minute is a row;
`refused` are those who came when the limit was reached, `lost` those who got no answer at all.
Memory may rise while Asterisk and Python get to their size: its slope is that of the second half.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.census import Census, census
from bench.census import Hotline as Looked
from bench.storm import Placed, Storm
from tests.calls.hotline import Hotline, until

Way = tuple[float, Sequence[tuple[float, str]]]
"""How long a caller stays, and what she presses when."""
WAYS: tuple[Way, ...] = (
    (0.4, ()),
    (9.0, ((1.0, "3"), (2.5, "1"))),
    (9.0, ((1.0, "2"), (2.0, "0"))),
    (6.0, ((1.0, "1"), (2.0, "7"), (3.0, "#"), (4.0, "7"))),
)
AVERAGE = sum(stays for stays, _ in WAYS) / len(WAYS)
# Behind the last call what was written of it is kept, and what was queued is let go.
# A connection to a back end is kept for the next look-up, for 15 s here.
SECONDS_TO_SETTLE = 40.0


async def calls(storm: Storm, at_once: float, seconds: float, seed: int) -> list[Placed]:
    """Let callers come at random, so many at once on average; return what became of them."""
    chance = random.Random(seed)
    tasks: list[asyncio.Task[Placed]] = []
    began = due = time.monotonic()
    while (due := due + chance.expovariate(at_once / AVERAGE)) < began + seconds:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        stays, keys = WAYS[len(tasks) % len(WAYS)]
        tasks.append(asyncio.create_task(storm.call("10086", stays, keys)))
    return await asyncio.gather(*tasks)


async def at_rest(hotline: Hotline) -> Census:
    """Wait until the calls are over and what was written behind them is; return what there is."""

    async def is_at_rest() -> Census | None:
        first, then = await census(hotline), await census(hotline)
        is_over = not (then.calls or then.channels or then.agi)
        return then if is_over and not then.left(first) and not first.left(then) else None

    found: Census = await until(is_at_rest)
    return found


async def settled(hotline: Looked, before: Census) -> list[str]:
    """Return what is left of the calls since `before`, when that does not get less any more."""
    deadline = time.monotonic() + SECONDS_TO_SETTLE

    async def nothing_is_left() -> bool:
        return not (await census(hotline)).left(before) or time.monotonic() > deadline

    await until(nothing_is_left, within=2 * SECONDS_TO_SETTLE)
    return (await census(hotline)).left(before)


async def main(minutes: int, limit: int, share: float) -> None:
    """Let them call, and print how it went, minute by minute."""
    console = Console(width=120)
    table = Table(
        "minute",
        "calls",
        "refused",
        "lost",
        "tasks",
        "controller, MB",
        "files",
        "switch, MB",
        "files",
    )
    rows: list[Census] = []
    with tempfile.TemporaryDirectory() as home:
        hotline = Hotline(Path(home) / "home", most_calls=str(limit), rtp_ports="30000-33999")
        with hotline.running():
            storm = Storm(hotline.sip)
            await storm.open()
            await calls(storm, 10, 10, 0)
            before = await at_rest(hotline)
            for minute in range(1, minutes + 1):
                found = await calls(storm, limit * share, 60, minute)
                now = await census(hotline)
                rows.append(now)
                refused = sum(call.status == 503 for call in found)
                lost = sum(call.status not in (200, 503) for call in found)
                megabytes = [f"{x / 1024:.1f}" for x in (now.controller_memory, now.switch_memory)]
                counts = map(str, (minute, len(found), refused, lost, now.tasks))
                files = str(len(now.controller_files)), str(now.switch_files)
                table.add_row(*counts, megabytes[0], files[0], megabytes[1], files[1])
            left = await settled(hotline, before)
            storm.close()
    console.print(table)
    for who in ("controller", "switch"):
        rise = slope([getattr(row, f"{who}_memory") for row in rows[len(rows) // 2 :]])
        console.print(f"{who}: {rise:+.0f} KB a minute in the second half")
    console.print("\n".join(left) or "nothing is left")


def slope(values: Sequence[float]) -> float:
    """Return by how much values rise from one to the next, by least squares."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    across = sum((place - middle) ** 2 for place in range(len(values)))
    along = sum((place - middle) * (value - mean) for place, value in enumerate(values))
    return along / across if across else 0.0


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=int, default=60)
    options.add_argument("--limit", type=int, default=100)
    options.add_argument("--share", type=float, default=0.8)
    given = options.parse_args()
    asyncio.run(main(given.minutes, given.limit, given.share))
