"""Packets are lost between a caller's phone and the switch: each of her keys arrives, once."""

import asyncio
import random

from tests.calls.hotline import Hotline, new_number, nodes, until
from tests.calls.lossy import presses

LOST = 0.05
KEYS = "3" + "1" + "13800138000" + "1"


async def test_every_key_arrives_once_though_one_packet_in_twenty_is_lost(hotline: Hotline) -> None:
    # No customer: each of them types the number of one.
    callers = [new_number() for _ in range(6)]
    lost = await asyncio.gather(
        *(
            asyncio.to_thread(
                presses, hotline.ports["sip"], caller, "10086", KEYS, LOST, random.Random(seed)
            )
            for seed, caller in enumerate(callers)
        )
    )
    assert min(lost) > 0 and sum(lost) > 20

    async def over() -> list[dict[str, object]]:
        calls = await hotline.get("/api/calls?limit=50")
        found = [call for call in calls if call["caller"] in callers and call["ended"]]
        return found if len(found) == len(callers) else []

    for record in await until(over):
        pressed = "".join(key["key"] for key in record["keys"])
        assert (pressed, nodes(record)[-1]) == (KEYS, "tell_balance")
