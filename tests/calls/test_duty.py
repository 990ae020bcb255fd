"""Agents on and off duty: who is offered callers, over restarts, and who does not answer."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ivr.phone import Call, Phone
from ivr.roster import PAUSED
from tests.calls.hotline import Caller, Hotline, is_well, new_number, nodes, until
from tests.calls.test_desk import on_duty, state_of
from tests.stage import ROOT

pytestmark = pytest.mark.timeout(120)

FLOW = """
flow: {name}
languages: [yue, cmn, en]
start: queue
nodes:
  queue:
    queue: {name}
    answered: bye
    unanswered: bye
    closed: closed
  closed: hangup
  bye: hangup
"""
DESKS = """
desks:
  one: {members: [1001, 1002], strategy: in_order, ring_for: 3s}
  all: {members: [1001, 1002], strategy: ring_all, ring_for: 3s}
"""
AGENTS = "agents: {1001: {name: Ann, skills: {yue: 5}}, 1002: {name: Bo, skills: {en: 5}}}"
NUMBERS = '{"10086": "one", "10010": "all"}'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """A hotline with two agents, whose phones ring one after the other, or both."""
    home = tmp_path_factory.mktemp("duty")
    (home / "flows").mkdir()
    for name in ("one", "all"):
        (home / "flows" / f"{name}.yaml").write_text(FLOW.format(name=name))
    shutil.copy(ROOT / "flows" / "hours.yaml", home / "flows")
    (home / "desks.yaml").write_text(DESKS)
    (home / "agents.yaml").write_text(AGENTS)
    settings = {name: str(home / f"{name}.yaml") for name in ("desks", "agents")}
    with Hotline(home, flows=str(home / "flows"), numbers=NUMBERS, **settings).running() as running:
        yield running


@asynccontextmanager
async def dialled(hotline: Hotline, called: str = "10086") -> AsyncIterator[Caller]:
    number, wav = new_number(), hotline.home / f"{called}.wav"
    async with Phone(number) as phone:
        call = await phone.call(called, hotline.sip, record=wav)
        await call.answered(within=10)
        yield Caller(hotline, number, phone, call, wav)
        await call.hang_up()


async def stands(hotline: Hotline, number: str) -> dict[str, Any]:
    """Return what the API says of an agent's duty."""
    agents = await hotline.get("/api/agents")
    return next((agent["duty"] for agent in agents if agent["number"] == number), {})


async def kill(hotline: Hotline, *parts: str) -> None:
    """Kill parts without a word, and wait until they are there again."""
    known = (await hotline.get("/healthz"))["parts"]
    before = {known[part]["pid"] for part in parts}
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    async def another() -> bool:
        try:
            now = (await hotline.get("/healthz"))["parts"]
        except OSError:
            return False
        return not before & {now[part]["pid"] for part in parts}

    await until(another)
    await is_well(hotline)


async def test_who_is_off_duty_is_offered_nobody_over_restarts_of_every_part(desk: Hotline) -> None:
    async def is_paused() -> bool:
        return await state_of(desk, "1001") == "paused"

    async with on_duty(desk, "1001") as ann:
        said = desk.ivr("agent", "1001", "pause", "meal")
        assert said.stdout.startswith("1001: paused (meal), since "), said.stderr
        await until(is_paused)
        log = (desk.state / "log" / "queue_log").read_text()
        assert "|NONE|NONE|Ann|PAUSEALL|meal" in log
        async with dialled(desk) as caller:
            record = await caller.story()
        assert nodes(record)[-2:] == ["queue", "closed"]
        await desk.duty("1001", "off")
        await kill(desk, "controller", "switch")
        await until(is_paused)
        assert (await stands(desk, "1001"))["duty"] == "off"
        # New queues, and a reload that forgets reasons.
        (desk.home / "agents.yaml").write_text(AGENTS.replace("yue: 5", "yue: 4"))
        desk.ivr("desks", "apply")
        await until(is_paused)
        await desk.duty("1001", "on")
        async with dialled(desk) as caller:
            talking = await ann.answer_next(within=10)
            assert talking.caller == caller.number
            await talking.hang_up()


async def test_who_lets_it_ring_is_paused_and_told_and_the_next_one_answers(desk: Hotline) -> None:
    async with on_duty(desk, "1001") as ann, on_duty(desk, "1002") as bo, dialled(desk) as caller:
        ringing = await ann.rings(within=10)
        taken = await bo.answer_next(within=10)
        assert taken.caller == caller.number
        await ringing.ended(within=1)
        assert await ann.text(within=5) == PAUSED["yue"]
        stood = await stands(desk, "1001")
        assert (stood["duty"], stood["reason"], stood["by"]) == ("paused", "no answer", "hotline")
        await taken.hang_up()
        await desk.duty("1001", "on")


async def test_who_refuses_is_not_paused(desk: Hotline) -> None:
    async with on_duty(desk, "1001") as ann, on_duty(desk, "1002") as bo, dialled(desk):
        await ann.reject_next(486, within=10)
        await (await bo.answer_next(within=10)).hang_up()
        assert (await stands(desk, "1001"))["duty"] == "on"


async def test_two_who_answer_at_once_are_one_who_talks_and_one_who_is_let_go(
    desk: Hotline,
) -> None:
    async with on_duty(desk, "1001") as ann, on_duty(desk, "1002") as bo:
        async with dialled(desk, "10010") as caller:
            both = [await ann.rings(within=10), await bo.rings(within=10)]
            # To the later one it may be cancelled before she has answered.
            await asyncio.gather(*(call.answer() for call in both), return_exceptions=True)

            async def one_is_left() -> Call | None:
                left = [c for c in both if not any(e.name == "ended" for e in c.events)]
                assert left, "nobody talks with the caller"
                return left[0] if len(left) == 1 else None

            talking = await until(one_is_left)
            await talking.hang_up()
            record = await caller.story()
        assert record["outcome"] == "answered"
        assert (await stands(desk, "1001"))["duty"] == (await stands(desk, "1002"))["duty"] == "on"


async def test_a_phone_that_vanished_costs_the_caller_its_ringing_and_nothing_else(
    desk: Hotline,
) -> None:
    async with on_duty(desk, "1001") as ann, on_duty(desk, "1002") as bo:
        ann._link._child.kill()
        async with dialled(desk) as caller:
            taken = await bo.answer_next(within=15)
            assert taken.caller == caller.number
            await taken.hang_up()
            record = await caller.story()
        assert record["outcome"] == "answered"
    await desk.duty("1001", "on")
