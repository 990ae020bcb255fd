"""A simulated call and a real one go the same way, by what is written down of both."""

import asyncio

from ivr.flow.record import CallRecord
from ivr.trial import calls, transcript, verdict
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, until
from tests.stage import shipped

KNOWN = "13800138000"
# Seconds in which she hears something of what is said before she presses a key.
A_WORD = 1.0
TEST = """
flow: hotline
given:
  agents: {front_desk: nobody}
  billing.balance: {"13800138000": {balance: 123.45, expires: 2026-12-31}}
calls:
  - name: a Cantonese caller hears her balance, slower, and that nobody is free
    does: ["2", "1", "* during 你嘅話費", "0", hangup during 對唔住]
    hears: [welcome, your_balance, your_balance, connecting]
    ends: {node: nobody_free, language: yue, speed: 90%, outcome: abandoned}
"""


async def spoken_at(caller: Caller, speed: str) -> bool:
    """Whether she is spoken to at this speed."""
    return (await caller.record() or {}).get("speed") == speed


async def nobody_is_there(hotline: Hotline) -> bool:
    """Whether the switch has noticed that the phone of each agent is gone."""
    return {agent["state"] for agent in await hotline.get("/api/agents")} == {"logged out"}


async def test_a_simulated_call_goes_the_way_of_a_real_one(hotline: Hotline, dial: Dial) -> None:
    project = shipped(hotline.home / "prompts")
    (trial,), problems = calls.read("t.test.yaml", TEST, project)
    assert not problems
    simulated = verdict.run(trial, project)
    assert simulated.passed, str(simulated)
    # Else she waits for an agent of a test before, until it is seen that he has gone.
    await until(lambda: nobody_is_there(hotline), within=30)
    async with dial(KNOWN) as caller:
        for node, key in (("welcome", "2"), ("menu", "1"), ("tell_balance", "*")):
            await caller.comes_to(node)
            await asyncio.sleep(A_WORD)
            await caller.press(key)
        await until(lambda: spoken_at(caller, "90%"))
        await asyncio.sleep(A_WORD)
        await caller.press("0")
        await caller.comes_to("nobody_free")
        await asyncio.sleep(A_WORD)
    record = CallRecord.model_validate(await caller.story())
    real = transcript.of(record, project)
    shown = transcript.side_by_side(simulated.transcript, real)
    assert not transcript.differences(simulated.transcript, real), f"\n{shown}"
    assert not list(verdict.judge(trial.expected, real, project)), f"\n{shown}"
