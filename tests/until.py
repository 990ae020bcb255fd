"""Waiting for what the code under test does by itself."""

import asyncio
import time
from collections.abc import Callable


async def until(holds: Callable[[], bool], within: float = 5.0) -> float:
    """Wait until it is so; return how many seconds that took."""
    began = time.monotonic()
    while True:
        if holds():
            return time.monotonic() - began
        assert time.monotonic() - began < within, "not so in time"
        await asyncio.sleep(0.01)
