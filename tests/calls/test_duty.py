"""Agents on and off duty: who is offered callers, over restarts, and who does not answer."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ivr.agents.roster import PAUSED
from ivr.phone import Call, Phone
from tests import ears
from tests.calls.hotline import Caller, Hotline, is_well, new_number, nodes, until
from tests.calls.listening import ALIKE, hears, hears_all, sound, utterance, words
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
async def dialled(
    hotline: Hotline, called: str = "10086", play: Path | None = None
) -> AsyncIterator[Caller]:
    number, wav = new_number(), hotline.home / f"{called}.wav"
    async with Phone(number) as phone:
        call = await phone.call(called, hotline.sip, record=wav, play=play)
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
    log = desk.state / "log" / "queue_log"

    async def is_paused() -> bool:
        return await state_of(desk, "1001") == "paused"

    async with on_duty(desk, "1001"):
        said = desk.ivr("agent", "1001", "pause", "meal")
        assert said.stdout.startswith("1001: paused (meal), since "), said.stderr
        await until(is_paused)
        assert "|NONE|NONE|Ann|PAUSEALL|meal" in log.read_text()
        async with dialled(desk) as caller:
            record = await caller.story()
        assert nodes(record)[-2:] == ["queue", "closed"]
    await desk.duty("1001", "off")
    await kill(desk, "controller", "switch")

    async def is_told_again() -> bool:
        return log.read_text().count("|NONE|NONE|Ann|PAUSEALL|off duty") == 2

    await until(is_told_again)
    # Other lines, and a reload that forgets reasons.
    (desk.home / "agents.yaml").write_text(AGENTS.replace("yue: 5", "yue: 4"))
    desk.ivr("desks", "apply")
    # Registered anew: the switch takes until its next qualify to trust a phone it knew before.
    async with on_duty(desk, "1001", "paused") as ann:
        assert (await stands(desk, "1001"))["duty"] == "off"
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
        (last, *_) = await desk.get("/api/audit?of=1001")
        assert (last["who"], last["what"], last["why"]) == ("hotline", "duty", "paused, no answer")
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


async def test_an_agent_dials_codes_and_hears_where_she_stands(
    desk: Hotline, tmp_path: Path
) -> None:
    async def dials(agent: Phone, code: str, duty: str, reason: str = "") -> None:
        call = await agent.call(code)
        await call.answered(within=10)

        async def so() -> bool:
            stood = await stands(desk, "1001")
            return bool((stood["duty"], stood["reason"], stood["by"]) == (duty, reason, "1001"))

        await until(so)
        await call.hang_up()

    async with on_duty(desk, "1001") as ann:
        await dials(ann, "*45", "off")
        await dials(ann, "*462", "off")
        await dials(ann, "*45", "on")
        await dials(ann, "*462", "paused", "meal")
        wav = tmp_path / "desk.wav"
        told = await ann.call("*47", record=wav)
        await told.answered(within=10)
        values = {"waiting": "0", "free": "0"}
        await told.ended(within=15)
        said = utterance("desk_now", "yue", values) + utterance("paused_meal", "yue", {})
        hears_all(said, 100, wav, 0, ears.duration(wav))
        await dials(ann, "*460", "on")
    changed = [act for act in await desk.get("/api/audit?of=1001") if act["who"] == "1001"]
    assert {(act["what"], act["outcome"]) for act in changed} == {("duty", "done")}
    assert [act["why"] for act in changed] == ["on", "paused, meal", "on", "off"]
    async with Phone(new_number()) as caller:
        refused = await caller.call("*45", desk.sip)
        assert (await refused.ended(within=5)).status == 404


async def test_a_caller_hears_who_serves_her_and_no_word_of_either_is_lost(
    desk: Hotline, tmp_path: Path
) -> None:
    high = ears.tone(tmp_path / "high.wav", 1000, 60)
    # The agent says nothing at first.
    low = ears.listen(ears.tone(tmp_path / "tone.wav", 440, 60)).samples
    low[: 4 * 8000] = 0
    heard_by_agent = tmp_path / "agent.wav"
    async with on_duty(desk, "1001") as ann, dialled(desk, play=high) as caller:
        ringing = await ann.rings(within=10)
        await ringing.answer(record=heard_by_agent, play=ears.write(tmp_path / "low.wav", low))
        await ringing.answered(within=5)
        await asyncio.sleep(5.5)  # they talk
        await ringing.hang_up()
        record = await caller.story()
    last_words = sound(words("serves_you", "yue", {"agent": "1001"})[-1])
    found = hears(last_words, caller.wav)
    assert found.score > ALIKE, found
    # Below the tone that the agent hears, at the same time.
    assert abs(hears(last_words, heard_by_agent).at - found.at) < 0.3
    assert [h["prompt"] for h in record["heard"]] == ["serves_you"]
    # Her first words reach the agent while it is said, and both ways are clean behind it.
    assert ears.tone_level(heard_by_agent, 1000, 0.2, 0.7) > -25
    for wav, hers, own in ((caller.wav, 440, 1000), (heard_by_agent, 1000, 440)):
        last = ears.duration(wav)
        assert ears.tone_level(wav, hers, last - 1, last - 0.2) > -20
        assert ears.tone_level(wav, own, last - 1, last - 0.2) < -45
