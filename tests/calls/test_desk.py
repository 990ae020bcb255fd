"""The hand-off: a queue, agents' phones, and what becomes of a caller when nobody answers."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from ivr.errors import IvrError
from ivr.phone import Phone
from tests import ears
from tests.calls.conftest import Dial
from tests.calls.hotline import Hotline, is_well, nodes, said, seconds, until


async def state_of(hotline: Hotline, number: str) -> str:
    """Return what the operators' API says an agent does."""
    agents = await hotline.get("/api/agents")
    return next((str(agent["state"]) for agent in agents if agent["number"] == number), "")


@asynccontextmanager
async def on_duty(hotline: Hotline, number: str, state: str = "free") -> AsyncIterator[Phone]:
    """An agent's phone to which callers can be put through, or that is in another state.

    Afterwards it is not rung any more, which would cost the callers of the next test their time.
    """

    async def stands(*awaited: str) -> bool:
        try:
            return await state_of(hotline, number) in awaited
        except (OSError, aiohttp.ClientError):  # the controller is being started anew
            return False

    async with hotline.agent(number) as phone:
        await phone.registered(within=10)
        await until(lambda: stands(state))
        yield phone
    # Or there is no such agent any more.
    await until(lambda: stands("logged out", ""), within=30)


async def test_an_agent_answers_and_both_hear_each_other(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    high = ears.tone(tmp_path / "high.wav", 1000, 60)
    low = ears.tone(tmp_path / "low.wav", 440, 60)
    heard_by_agent = tmp_path / "agent.wav"
    async with on_duty(hotline, "1001") as agent, dial(play=high) as caller:
        await caller.press("20")
        taken = await agent.answer_next(record=heard_by_agent, play=low, within=25)
        assert (taken.caller, taken.headers["X-IVR-Language"]) == (caller.number, "yue")
        assert taken.headers["X-IVR-Path"] == "welcome>notices>menu>agent>connecting>queue"
        assert "yue" in taken.caller_name and "menu" in taken.caller_name
        assert await state_of(hotline, "1001") in ("talking", "ringing")
        await asyncio.sleep(4.5)  # they talk, at first while it is said who serves her
        await taken.hang_up()
        record = await caller.story()
    assert (record["outcome"], record["language"]) == ("answered", "yue")
    assert nodes(record)[-2:] == ["queue", "bye"]
    last = ears.duration(caller.wav)
    assert ears.tone_level(caller.wav, 440, last - 1.7, last - 0.7) > -20
    assert ears.tone_level(caller.wav, 1000, last - 1.7, last - 0.7) < -45
    assert ears.tone_level(heard_by_agent, 1000, 3, 4) > -20
    assert ears.tone_level(heard_by_agent, 440, 3, 4) < -45


async def test_a_caller_who_leaves_while_talking_was_served(hotline: Hotline, dial: Dial) -> None:
    async with on_duty(hotline, "1002") as agent, dial() as caller:
        await caller.press("30")
        taken = await agent.answer_next(within=25)
        await caller.call.hang_up()
        await taken.ended(within=5)
        record = await caller.story()
    assert record["outcome"] == "answered"
    assert "served by" in record["why"]


async def test_nobody_logged_in_is_told_at_once_and_a_message_is_taken(
    hotline: Hotline, dial: Dial
) -> None:
    async def all_gone() -> bool:
        agents = await hotline.get("/api/agents")
        return {agent["state"] for agent in agents} == {"logged out"}

    # A phone of another test that vanished without a word is noticed at its next qualify.
    await until(all_gone, within=40)
    async with dial() as caller:
        await caller.press("10")
        record = await caller.comes_to("message")
    assert nodes(record)[-4:] == ["queue", "nobody_free", "call_back", "message"]
    queue = next(step for step in record["path"] if step["node"] == "queue")
    # Not when the patience of the flow is over.
    assert seconds(queue["entered"], queue["left"]) < 6
    assert "nobody_free" in said(record)


async def test_an_agent_who_refuses_leaves_the_caller_with_the_next_step(
    hotline: Hotline, dial: Dial
) -> None:
    async with on_duty(hotline, "1003") as agent, dial() as caller:
        await caller.press("20")
        await agent.reject_next(486, within=25)
        record = await caller.comes_to("nobody_free", within=40)
    assert nodes(record)[-2:] == ["queue", "nobody_free"]


async def test_a_wrong_password_registers_nobody(hotline: Hotline) -> None:
    async with Phone("1001", registrar=hotline.sip, password="guessed") as stranger:
        with pytest.raises(IvrError, match="does not register"):
            await stranger.registered(within=8)


async def test_a_caller_with_an_agent_notices_nothing_when_the_controller_dies(
    hotline: Hotline, dial: Dial
) -> None:
    async with on_duty(hotline, "1002") as agent, dial() as caller:
        await caller.press("10")
        taken = await agent.answer_next(within=25)
        health = await hotline.get("/healthz")
        os.kill(health["parts"]["controller"]["pid"], signal.SIGKILL)
        await asyncio.sleep(2)  # they talk on
        assert not [event for event in taken.events if event.name == "ended"]
        await taken.hang_up()
        # The call is over: no apology, no second agent.
        assert (await caller.call.ended(within=3)).by_far_side
    await is_well(hotline)
