"""The wait that is told: place and minutes on a real call, kept, and held against what came."""

import asyncio
import re
from typing import Any

from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, until
from tests.calls.test_desk import on_duty

NUMBERS = {"one": 1, "two": 2, "three": 3, "five": 5, "ten": 10}


async def comes_to_be_told(caller: Caller) -> None:
    """Let a caller come to wait, until she is being told of it."""
    await caller.press("30")
    await caller.comes_to("about")


async def told(caller: Caller) -> tuple[int, int]:
    """Return the place and the minutes that a caller was told, also where an agent cut it short."""

    async def said() -> Any:
        record = await caller.record() or {"heard": ()}
        return next((h for h in record["heard"] if h["prompt"] == "wait_about"), None)

    return place_and_minutes(await until(said))


def place_and_minutes(said: dict[str, Any]) -> tuple[int, int]:
    """Return what was said to her in English."""
    numbers = re.fullmatch(
        r"You are number (\w+) in the queue\. Your wait is about (\w+) minutes?\.", said["text"]
    )
    assert numbers is not None, said["text"]
    return NUMBERS[numbers[1]], NUMBERS[numbers[2]]


async def test_place_and_minutes_are_told_and_what_came_of_it_is_shown(
    hotline: Hotline, dial: Dial
) -> None:
    async with on_duty(hotline, "1002") as agent:
        async with dial() as measured:
            await measured.press("30")
            taken = await agent.answer_next(within=25)
            await asyncio.sleep(1)  # they talk
            await taken.hang_up()
            await measured.story()
        async with dial() as talks, dial() as first, dial() as second:
            await talks.press("30")
            taken = await agent.answer_next(within=25)
            # Nobody waits for long here: another agent comes as soon as both are told.
            await asyncio.gather(comes_to_be_told(first), comes_to_be_told(second))
            async with on_duty(hotline, "1003") as another:
                answered = await another.answer_next(within=25)
                next_one = first if answered.caller == first.number else second
                await answered.hang_up()
                record = await next_one.story()
            (place, minutes), (behind, longer) = sorted([await told(first), await told(second)])
            assert (place, behind) == (1, 2) and longer >= minutes
            await taken.hang_up()

    async def is_judged() -> bool:
        at = "/api/desks/wait-error/front_desk/calls?figure=answered"
        return record["id"] in await hotline.get(at)

    await until(is_judged)
    shown = await asyncio.to_thread(hotline.ivr, "desks", "wait-error")
    assert "front_desk" in shown.stdout, shown.stdout + shown.stderr
