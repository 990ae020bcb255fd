"""The wait that is told: place and minutes on a real call, kept, and held against what came."""

import asyncio
import re
from typing import Any

from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, until
from tests.calls.test_desk import on_duty

NUMBERS = {"one": 1, "two": 2, "three": 3, "five": 5, "ten": 10}


async def told(caller: Caller) -> dict[str, Any]:
    """Let a caller come to wait, and return what she is then told of it."""
    await caller.press("30")

    async def said() -> Any:
        record = await caller.record() or {"heard": ()}
        return next((h for h in record["heard"] if h["prompt"] == "wait_about"), None)

    found: dict[str, Any] = await until(said)
    return found


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
    async with on_duty(hotline, "1003") as agent, dial() as measured:
        await measured.press("30")
        taken = await agent.answer_next(within=25)
        await asyncio.sleep(1)  # they talk
        await taken.hang_up()
        await measured.story()
    async with (
        on_duty(hotline, "1002") as agent,
        dial() as talks,
        dial() as first,
        dial() as second,
    ):
        await talks.press("30")
        taken = await agent.answer_next(within=25)
        # Nobody waits for long here: another agent comes as soon as both were told.
        both = await asyncio.gather(told(first), told(second))
        (place, minutes), (behind, longer) = sorted(map(place_and_minutes, both))
        assert (place, behind) == (1, 2) and longer >= minutes
        async with on_duty(hotline, "1003") as another:
            answered = await another.answer_next(within=25)
            next_one = first if answered.caller == first.number else second
            await answered.hang_up()
            record = await next_one.story()
        await taken.hang_up()

    async def is_judged() -> bool:
        at = "/api/desks/wait-error/front_desk/calls?figure=answered"
        return record["id"] in await hotline.get(at)

    await until(is_judged)
    shown = await asyncio.to_thread(hotline.ivr, "desks", "wait-error")
    assert "front_desk" in shown.stdout, shown.stdout + shown.stderr
