"""In which order fifty who wait and fifty who are called back are served, on a real Asterisk.

    python -m bench.order [SEED]

All have come at moments of their own, mixed at random: on the phone they wait in the queue, the
others are booked. One agent takes one after the other: with two, app_queue, where each caller
looks once a second whether it is her turn, may ring for two neighbours in either order when both
agents are free at once. An inversion is somebody who was served before one who had come earlier.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.switch.order_on_a_switch import inversions, served

LIVE = BOOKED = 50


async def main(seed: int) -> None:
    """Serve them, and print what came of it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        order = await served(Path(home), LIVE, BOOKED, seed=seed)
    console = Console(highlight=False)
    row = "".join("b" if each.booked else "." for each in order)
    console.print(f"in the order of service, b who was called back: {row}")
    for first, then in inversions(order):
        console.print(f"{first} before {then}")
    lasted = time.monotonic() - began
    console.print(
        f"{len(order)} served, {sum(each.booked for each in order)} of them called back; "
        f"{len(inversions(order))} inversions; {lasted:.0f} s"
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
