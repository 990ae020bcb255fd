"""A crowd comes and goes, and the hotline holds what it held before."""

import asyncio

import pytest

from bench.census import census
from bench.soak import at_rest, calls, settled
from bench.storm import Storm
from tests.calls.hotline import Hotline, nodes

pytestmark = pytest.mark.timeout(120)

# What a hundred calls may leave in Python's own store of memory: 50 KB each would be 5,000.
KILOBYTES = 4000


async def test_of_a_hundred_callers_nothing_is_left(hotline: Hotline) -> None:
    storm = Storm(hotline.sip)
    await storm.open()
    try:
        # Pools and caches come to their size first; that of the database by who ask at once.
        await calls(storm, 40, 3, 1)
        await asyncio.gather(*(hotline.get("/api/calls?limit=100") for _ in range(10)))
        before = await at_rest(hotline)
        found = await calls(storm, 80, 8, 2)
        assert await settled(hotline, before) == []
        after = await census(hotline)
    finally:
        storm.close()
    assert len(found) > 80
    assert [call.status for call in found] == [200] * len(found)
    assert all(call.heard.packets for call in found if call.answered and call.heard.last)
    # They came to where they were led by their keys.
    came = [nodes(record) for record in await hotline.get("/api/calls?limit=50")]
    assert {"own_balance", "queue", "menu"} <= {node for path in came for node in path}
    assert after.controller_memory - before.controller_memory < KILOBYTES
