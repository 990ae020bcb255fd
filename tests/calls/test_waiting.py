"""Waiting: she is told her place over the music, chooses, keeps her place, and no key is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ivr.phone import Call
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, until
from tests.calls.test_desk import on_duty


@asynccontextmanager
async def busy(hotline: Hotline, dial: Dial, number: str) -> AsyncIterator[Call]:
    """The only agent on duty talks to another caller; her end of the talk is given."""
    async with on_duty(hotline, number) as agent, dial() as other:
        await other.press("10")
        taken = await agent.answer_next(within=25)
        yield taken
        await taken.hang_up()


async def said(caller: Caller, prompt: str) -> dict[str, Any]:
    """Wait until a prompt was said to her, to its end or to a key; return what the record says."""

    async def there() -> Any:
        record = await caller.record() or {"heard": ()}
        return next((h for h in record["heard"] if h["prompt"] == prompt), None)

    found: dict[str, Any] = await until(there)
    return found


async def comes_to_wait(caller: Caller) -> None:
    """Let her choose Mandarin and an agent, and come to the menu of those who wait."""
    await caller.press("10")
    await caller.comes_to("waiting")


async def test_who_waits_is_told_her_place_and_may_leave(hotline: Hotline, dial: Dial) -> None:
    async with busy(hotline, dial, "1001"), dial() as first, dial() as second:
        await asyncio.gather(comes_to_wait(first), comes_to_wait(second))
        await second.press("2")
        await second.comes_to("message", within=5)
