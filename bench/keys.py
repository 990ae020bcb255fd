"""Whether a key is lost between joining a queue and an agent's answer: a count of thousands.

    python -m bench.keys

In each round twelve callers join at once and press a key every 240 ms, each 20 ms later than the
one before, while two agents' phones ring for them, until the agents answer. From round to round
all shift by 20 ms: in twelve rounds a key comes at every step around the answer, too.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.calls.conftest import dialling
from tests.calls.test_waiting import STEP, sweep, where_they_wait

ROUNDS = 12


async def main() -> None:
    """Press, and print the table."""
    table = Table("round", "keys", "lost")
    sums = [0, 0]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with where_they_wait(home).running() as hotline:
            for number in range(ROUNDS):
                found = await sweep(hotline, dialling(hotline, home), number * STEP)
                due, lost = (sum(each[kind] for each in found) for kind in (0, 1))
                sums = [sums[0] + due, sums[1] + lost]
                table.add_row(str(number + 1), str(due), str(lost))
    table.add_row("together", str(sums[0]), str(sums[1]))
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
