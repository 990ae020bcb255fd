"""`ivr desks apply` while callers talk and wait: nobody is harmed, and new desks are gone by."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.errors import IvrError
from ivr.phone import Call, Phone
from tests.calls.hotline import Caller, Hotline, new_number, nodes, until
from tests.calls.test_desk import on_duty, state_of
from tests.stage import ROOT

pytestmark = pytest.mark.timeout(120)

FLOW = """
flow: {name}
languages: [en]
start: queue
nodes:
  queue:
    queue: {name}
    skills: [$language]
    answered: bye
    unanswered: bye
    closed: closed
  closed: hangup
  bye: hangup
"""
# An agent sends her caller here, who comes back at once.
PIN = """
flow: pin
languages: [en]
gives: proof
start: proof
nodes:
  proof: {set: {proof: seen}}
"""
CODES = "sends: {{'{}': pin}}\n"
DESKS = "desks: {front: {members: [1001, 1002]}, back: {members: [1002]}}"
AGENTS = "agents: {1001: {name: Ann, skills: {en: 5}}, 1002: {name: Bo, skills: {en: 1}}}"


@pytest.fixture
def hotline(tmp_path: Path) -> Iterator[Hotline]:
    """A hotline with two desks, each behind a number of its own."""
    (tmp_path / "flows").mkdir()
    for name in ("front", "back"):
        (tmp_path / "flows" / f"{name}.yaml").write_text(FLOW.format(name=name))
    (tmp_path / "flows" / "pin.yaml").write_text(PIN)
    (tmp_path / "ivr.yaml").write_text(CODES.format("*70"))
    shutil.copy(ROOT / "flows" / "hours.yaml", tmp_path / "flows")
    (tmp_path / "prompts").mkdir()
    (tmp_path / "desks.yaml").write_text(DESKS)
    (tmp_path / "agents.yaml").write_text(AGENTS)
    settings = {name: str(tmp_path / name) for name in ("flows", "prompts")}
    settings |= {name: str(tmp_path / f"{name}.yaml") for name in ("desks", "agents")}
    numbers = json.dumps({"10086": "front", "10010": "back"})
    with Hotline(tmp_path, root=str(tmp_path), numbers=numbers, **settings).running() as running:
        yield running


@asynccontextmanager
async def dialled(hotline: Hotline, called: str) -> AsyncIterator[Caller]:
    number, wav = new_number(), hotline.home / f"{called}.wav"
    async with Phone(number) as phone:
        call = await phone.call(called, hotline.sip)
        await call.answered(within=10)
        yield Caller(hotline, number, phone, call, wav)
        await call.hang_up()


async def applied(hotline: Hotline, desks: str, agents: str) -> str:
    """Write both files, apply them, and return what is said."""
    (hotline.home / "desks.yaml").write_text(desks)
    (hotline.home / "agents.yaml").write_text(agents)
    done = await asyncio.to_thread(hotline.ivr, "desks", "apply")
    return done.stdout + done.stderr


async def sent(talk: Call, agent: Phone, code: str) -> str:
    """Send the caller to a flow and return what the agent is told; until the two are joined her
    keys do nothing.
    """

    async def told() -> str | None:
        await talk.press(code)
        try:
            return await agent.text(within=3)
        except IvrError:
            return None

    text: str = await until(told)
    return text


async def test_who_talks_and_who_waits_is_unharmed_and_a_desk_that_goes_lets_its_callers_on(
    hotline: Hotline,
) -> None:
    async with (
        on_duty(hotline, "1001") as ann,
        on_duty(hotline, "1002") as bo,
        dialled(hotline, "10010") as first,
    ):
        talking = await bo.answer_next(within=10)
        async with dialled(hotline, "10086") as second, dialled(hotline, "10010") as third:
            held = await ann.answer_next(within=10)
            await third.comes_to("queue")
            async with dialled(hotline, "10086") as fourth:
                await fourth.comes_to("queue")
                # Bo's desk goes, and Bo; Cy comes.
                refused = await applied(hotline, DESKS.replace("back", "rear"), AGENTS)
                assert "there is no queue 'back'" in refused
                flow = hotline.home / "flows" / "back.yaml"
                flow.write_text(flow.read_text().replace("queue: back", "queue: front"))
                desks = "desks: {front: {members: [1001, 1003]}}"
                agents = AGENTS.replace("1002: {name: Bo", "1003: {name: Cy")
                (hotline.home / "ivr.yaml").write_text(CODES.format("*72").replace("pin", "pon"))
                refused = await applied(hotline, desks, agents)
                assert "there is no flow 'pon'; did you mean 'pin'?" in refused
                (hotline.home / "ivr.yaml").write_text(CODES.format("*72"))
                told = await applied(hotline, desks, agents)
                for said in (
                    "1 agent new: 1003",
                    "1 agent gone: 1002",
                    "1 desk gone: back",
                    "agents' codes: *72 pin",
                ):
                    assert said in told, told
                # She waited at the desk that went: her flow led her on, at once.
                record = await third.story(within=10)
                assert nodes(record)[-2:] == ["queue", "closed"]
                # Those who talk, talk on; who waits is answered by her who came.
                assert not [e for c in (talking, held) for e in c.events if e.name == "ended"]
                assert [step["node"] for step in (await fourth.record() or {})["path"]] == ["queue"]

                async def known() -> bool:
                    return await state_of(hotline, "1003") == "logged out"

                await until(known)
                async with on_duty(hotline, "1003") as cy:
                    taken = await cy.answer_next(within=10)
                    assert taken.caller == fourth.number
                    assert await sent(taken, cy, "*72") == f"{fourth.number}, pin: done (seen)"
                    await taken.hang_up()
            # With a code that is gone, which her talk began with, she stays with her caller.
            await held.press("*70")
            async with dialled(hotline, "10086") as fifth:
                await fifth.comes_to("queue")
            assert not [e for e in held.events if e.name == "ended"]
            await held.hang_up()
        await talking.hang_up()
        assert (await first.story())["outcome"] == "answered"
        assert (await second.story())["outcome"] == "answered"
