"""A bad way between a caller's phone and the switch: each of her keys arrives, once."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from tests.calls.hotline import Hotline, new_number, nodes, until
from tests.calls.lossy import Way, presses

# Three of five packets of a key may come in another order.
BAD = Way(lost=0.1, late=0.06)
KEYS = "3" + "1" + "13800138000" + "1"


async def test_every_key_arrives_once_though_packets_are_lost_and_late(hotline: Hotline) -> None:
    came = await keys_arrive_once(hotline, [BAD] * 6)
    assert min(lost for lost, _ in came) > 5 and min(overtaken for _, overtaken in came) > 20


async def test_every_key_counts_once_though_several_come_at_the_same_moment(
    hotline: Hotline,
) -> None:
    # A quarter of these calls went wrong while a key that the switch keeps twice counted twice.
    begins = (0.2 + n / 10 for n in range(24))
    ways = [Way(between=(at, at + 0.5 + n % 3 * 0.35)) for n, at in enumerate(begins)]
    await keys_arrive_once(hotline, ways)


async def keys_arrive_once(hotline: Hotline, ways: Sequence[Way]) -> list[tuple[int, int]]:
    """Have a caller press keys on each of these ways; return what `presses` does."""
    # No customer: each of them types the number of one.
    callers = [new_number() for _ in ways]
    port = hotline.ports["sip"]
    came = await asyncio.gather(
        *(
            asyncio.to_thread(presses, port, caller, "10086", KEYS, way, random.Random(seed))
            for seed, (caller, way) in enumerate(zip(callers, ways, strict=True))
        )
    )

    async def over() -> list[dict[str, Any]]:
        calls = await hotline.get("/api/calls?limit=50")
        found = [call for call in calls if call["caller"] in callers and call["ended"]]
        return found if len(found) == len(callers) else []

    for record in await until(over):
        pressed = "".join(key["key"] for key in record["keys"])
        assert (pressed, nodes(record)[-1]) == (KEYS, "tell_balance")
    return came
