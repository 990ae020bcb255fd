"""A bad way between a caller's phone and the switch: each of her keys arrives, once."""

import asyncio
import random

from tests.calls.hotline import Hotline, new_number, nodes, until
from tests.calls.lossy import presses

LOST = 0.1
# Seconds: three of five packets of a key may come in another order.
LATE = 0.06
KEYS = "3" + "1" + "13800138000" + "1"


async def test_every_key_arrives_once_though_packets_are_lost_and_late(hotline: Hotline) -> None:
    # No customer: each of them types the number of one.
    callers = [new_number() for _ in range(6)]
    port = hotline.ports["sip"]
    came = await asyncio.gather(
        *(
            asyncio.to_thread(presses, port, caller, "10086", KEYS, LOST, LATE, random.Random(seed))
            for seed, caller in enumerate(callers)
        )
    )
    assert min(lost for lost, _ in came) > 5 and min(overtaken for _, overtaken in came) > 20

    async def over() -> list[dict[str, object]]:
        calls = await hotline.get("/api/calls?limit=50")
        found = [call for call in calls if call["caller"] in callers and call["ended"]]
        return found if len(found) == len(callers) else []

    for record in await until(over):
        pressed = "".join(key["key"] for key in record["keys"])
        assert (pressed, nodes(record)[-1]) == (KEYS, "tell_balance")
