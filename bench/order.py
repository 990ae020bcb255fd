"""In which order fifty who wait and fifty who are called back are served, on a real Asterisk.

    python -m bench.order [--agents 2] [--seed 1]

All have come at moments of their own, mixed at random: on the phone they wait in the queue, the
others are booked. The agents take one after the other. Whoever was served before one who had come
earlier passed her over, or each of the two had an agent of her own and app_queue, where each caller
looks once a second whether it is her turn, let the later one look first: side by side.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.switch.order_on_a_switch import AGENTS, inversions, served

LIVE = BOOKED = 50
# Seconds on average: longer than what a caller of app_queue looks once in.
TALK = 1.5


async def main(agents: int, seed: int) -> None:
    """Serve them, and print what came of it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        talk = TALK if agents > 1 else 0
        order = await served(Path(home), LIVE, BOOKED, agents=agents, seed=seed, talk=talk)
    console = Console(highlight=False, soft_wrap=True)
    row = "".join("b" if each.booked else "." for each in order)
    console.print(f"in the order of service, b who was called back: {row}")
    found = inversions(order)
    for each in found:
        how = "side by side" if each.is_side_by_side else "PASSED OVER"
        console.print(
            f"{each.first.moment} rang {each.then.at - each.first.at:.2f} s before "
            f"{each.then.moment}, {each.free} other agents were free: {how}"
        )
    beside = sum(each.is_side_by_side for each in found)
    called, lasted = sum(each.booked for each in order), time.monotonic() - began
    console.print(
        f"{agents} agents, {len(order)} served, {called} of them called back: "
        f"{len(found) - beside} passed over, {beside} side by side; {lasted:.0f} s"
    )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--agents", type=int, default=1, choices=range(1, len(AGENTS) + 1))
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    asyncio.run(main(given.agents, given.seed))
