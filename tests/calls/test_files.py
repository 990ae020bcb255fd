"""The controller may open no more files: who is in a call goes on, who comes is answered."""

import asyncio
import os
import resource

import pytest

from ivr.agi.spare_files import KEPT
from tests.calls.conftest import Dial
from tests.calls.hotline import Hotline, until
from tests.calls.test_desk import on_duty


@pytest.mark.timeout(90)
async def test_without_files_calls_go_on_and_new_callers_come_to_the_front_desk(
    hotline: Hotline, dial: Dial
) -> None:
    pid = (await hotline.get("/healthz"))["parts"]["controller"]["pid"]
    number = await hotline.customer("61.25", "2031-01-31")
    log = hotline.state / "log" / "controller.log"
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    async with on_duty(hotline, "1001") as agent, dial(number) as caller:
        await caller.press("3")
        await caller.comes_to("menu")
        opened = max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (opened + KEPT // 2, before[1]))
        try:
            coming = asyncio.create_task(agent.answer_next(within=25))
            async with dial() as comes:
                # Her balance is looked up, and a sound of it made, that nobody has heard before.
                await caller.press("1")
                await caller.comes_to("tell_balance")
                taken = await coming
                assert taken.caller == comes.number
                await taken.hang_up()
                await comes.call.ended(within=5)
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)

        async def heard() -> object:
            return await caller.has_heard("your_balance", 1)

        await until(heard)
        async with dial() as comes:
            await comes.comes_to("welcome")
    told = [line for line in log.read_text().splitlines() if "spare_files" in line]
    assert ["not led: only" in line for line in told] == [True, False]
