"""Who is offered whom: order over lines, levels, and how they relax, on a real Asterisk."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.switch.lines_on_a_switch import APART, made, opened

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(120)]

AGENTS = """
agents:
  2001: {name: Ann, skills: {cmn: 5, yue: 3, en: 5}}
  2002: {name: Bo, skills: {yue: 5}}
  2003: {name: Cy, skills: {cmn: 5}}
"""


async def test_who_came_first_is_served_first_over_all_lines_of_an_agent(tmp_path: Path) -> None:
    plan = made(tmp_path, "desks: {d: {members: [2001]}}", AGENTS)
    lines = [line.queue for line in plan.lines]
    assert lines == ["d", "d+cmn", "d+en", "d+yue"]
    async with opened(plan, "2001") as floor:
        first = await floor.calls("d", 10)
        talking = await floor.agents["2001"].answer_next(within=10)
        # They arrive in no order of their own, as who is passed on or was booked does.
        moments = [34, 21, 47, 30, 12, 55, 28]
        for n, moment in enumerate(moments):
            await floor.calls(lines[n % 4], moment)
            # Each looks once a second. Of two who look at the same moment either may be first:
            # while app_queue tries for one (`pending`) others are compared without her.
            await asyncio.sleep(APART)
        await floor.waiting(len(moments))
        await talking.hang_up()
        served = [int((await floor.serve("2001"))[2:]) for _ in moments]
        assert served == sorted(moments)
        await first.ended(within=5)
        # Two come to two lines within one second. The one behind would be the next to look whether
        # it is her turn, as each does once a second (RECHECK of app_queue.c).
        keeps = await floor.calls("d", 10)
        talking = await floor.agents["2001"].answer_next(within=10)
        await _moment(0.05)
        await floor.comes("d+yue")
        await _moment(0.55)
        await floor.comes("d+en")
        await floor.waiting(2)
        await _moment(0.3)
        await talking.hang_up()
        assert [await floor.serve("2001") for _ in "12"] == ["83", "82"]
        await keeps.ended(within=5)


async def _moment(part: float) -> None:
    """Wait until so much of a second of the clock is over."""
    await asyncio.sleep((part - time.time()) % 1)


async def test_the_best_is_offered_a_caller_first_and_the_next_with_time(tmp_path: Path) -> None:
    relax = "relax: {every: 2s, anyone: 7s}, ring_for: 1s"
    plan = made(tmp_path, f"desks: {{d: {{members: [2001, 2002, 2003], {relax}}}}}", AGENTS)
    async with opened(plan, "2001", "2002", "2003") as floor:
        # Bo, who has level 5, is offered her; Ann and Cy are free, and are not.
        await floor.calls("d+yue", 10)
        assert (await floor.serve("2002"))[2:] == "10"
        busy = await floor.calls("d+yue", 20)
        taken = await floor.agents["2002"].answer_next(within=10)
        began = time.monotonic()
        await floor.calls("d+yue", 30)
        await floor.waiting(1)
        # Two steps down to Ann's level 3.
        held = await floor.agents["2001"].answer_next(within=10)
        assert 3 < time.monotonic() - began < 6.5
        began = time.monotonic()
        await floor.calls("d+yue", 40)
        # Cy has no Cantonese; after 7 s anybody will do.
        assert (await floor.serve("2003", within=12))[2:] == "40"
        assert 6 < time.monotonic() - began < 10
        for call in (taken, held, busy):
            await call.hang_up()
