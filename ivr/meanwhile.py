"""Work that goes on beside the calls for as long as a block runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Do work while the block runs; it is called off at its end. `name` is that of its task."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def again_and_again(
    look: Callable[[], Awaitable[None]],
    pause: Callable[[], Awaitable[None]],
    tell: Callable[..., None],
    said: str,
    *known: type[Exception],
) -> None:
    """Pause and look, for ever: whatever a look raises, the next one is taken.

    A fault is told once until a look succeeds again, by `tell` of a logger with what is `said` of
    it; with a trace, unless it is `known` to come from outside.
    """
    is_told = False
    while True:
        await pause()
        try:
            await look()
            is_told = False
        except Exception as fault:  # nobody would look any more, and nobody would know
            if not is_told:
                tell(said, fault, exc_info=None if isinstance(fault, known) else fault)
            is_told = True
