"""What fails around a call: a back end that is sick for everybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from ivr.services.breaker import FAILS, PAUSES
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, is_well, nodes, said, seconds

KNOWN = "13800138000"


@pytest.fixture
async def faults(hotline: Hotline) -> AsyncIterator[Hotline]:
    """The hotline, whose back end is mended afterwards."""
    yield hotline
    await hotline.faults()


async def test_a_back_end_that_fails_again_and_again_costs_callers_no_patience(
    faults: Hotline, dial: Dial
) -> None:
    log = faults.state / "log" / "controller.log"
    before = log.read_text().count("service 'billing'")
    await faults.faults(status=500)
    async with AsyncExitStack() as stack:
        callers = await asyncio.gather(*(stack.enter_async_context(dial()) for _ in range(FAILS)))
        await asyncio.gather(*(caller.press("11") for caller in callers))
        await asyncio.gather(*(caller.comes_to("connecting") for caller in callers))
    health: dict[str, Any] = await faults.get("/healthz")
    assert health["ok"] is False
    assert "failed 5 times running" in health["parts"]["service billing"]["detail"]

    await faults.faults(delay="20s")
    async with AsyncExitStack() as stack:
        callers = await asyncio.gather(*(stack.enter_async_context(dial()) for _ in range(3)))
        waited = await asyncio.gather(*(waits_for_sorry(caller) for caller in callers))
    # One of them tries it for all, where the pause is over.
    assert sum(wait > 0.2 for wait in waited) <= 1

    await faults.faults()
    await asyncio.sleep(PAUSES[1])  # what is waited for is a clock
    async with dial(KNOWN) as caller:
        await caller.press("11")
        await caller.comes_to("tell_balance")
    await is_well(faults)
    lines = [line for line in log.read_text().splitlines() if "service 'billing'" in line]
    assert ["left alone" in line for line in lines[before:]] == [True, False]


async def waits_for_sorry(caller: Caller) -> float:
    """Ask for the balance; return how long it takes until the caller meets its failure."""
    await caller.press("21")
    record = await caller.comes_to("connecting")
    assert nodes(record)[-3:] == ["sorry", "agent", "connecting"]
    assert "cannot_look_up" in said(record)
    asked = next(step for step in record["path"] if step["node"] == "own_balance")
    return seconds(asked["entered"], asked["left"])
