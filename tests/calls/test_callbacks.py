"""Promised calls back, made by the switch: the agent first, then she who was promised it, once."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from ivr.errors import IvrError
from ivr.phone import Phone
from tests import ears
from tests.calls.hotline import Caller, Hotline, is_well, new_number, until
from tests.calls.test_desk import on_duty
from tests.calls.test_duty import kill
from tests.calls.test_supervise import audit
from tests.calls.test_transfer import pass_on
from tests.stage import ROOT

pytestmark = [pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

FLOW = """
flow: {desk}
languages: [en]
start: offer
nodes:
  offer: {{callback: {desk}, promised: bye, declined: bye, impossible: bye}}
  bye: hangup
"""
DESKS = """
desks:
  front:
    members: [1001]
    hours: front_desk
    promise: {within: 1h, attempts: 2, pause: 1s}
  back:
    members: [1002]
    hours: front_desk
    promise: {within: 1h, attempts: 2, pause: 1s, first: caller}
    number: "802"
"""
AGENTS = """
agents:
  1001: {name: Ann, skills: {en: 5}}
  1002: {name: Bo, skills: {en: 5}, supervisor: true}
"""
NUMBERS = {"10086": "front", "10010": "back"}


class Place(NamedTuple):
    """A hotline, and the phone at the far end of its trunk, which is everybody's."""

    hotline: Hotline
    trunk: Phone


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    tmp_path = tmp_path_factory.mktemp("callbacks")
    (tmp_path / "flows").mkdir()
    for desk in NUMBERS.values():
        (tmp_path / "flows" / f"{desk}.yaml").write_text(FLOW.format(desk=desk))
    shutil.copy(ROOT / "flows" / "hours.yaml", tmp_path / "flows")
    (tmp_path / "desks.yaml").write_text(DESKS)
    (tmp_path / "agents.yaml").write_text(AGENTS)
    settings = {name: str(tmp_path / f"{name}.yaml") for name in ("desks", "agents")}
    settings |= {"flows": str(tmp_path / "flows"), "numbers": json.dumps(NUMBERS)}
    async with Phone("trunk") as trunk:
        running = Hotline(tmp_path, trunk=trunk.address, **settings).running()
        hotline = await asyncio.to_thread(running.__enter__)
        try:
            yield Place(hotline, trunk)
        finally:
            await asyncio.to_thread(running.__exit__, None, None, None)


async def booked(hotline: Hotline, called: str = "10086") -> str:
    """Call, agree to be called back, hang up; return the caller's number."""
    number = new_number()
    async with Phone(number) as phone:
        call = await phone.call(called, hotline.sip)
        await call.answered(within=10)
        caller = Caller(hotline, number, phone, call, hotline.home / "booking.wav")
        await caller.press("1")
        await caller.story(within=30)
    return number


def promise(hotline: Hotline, number: str) -> tuple[str, int]:
    """Return how the promise to somebody stands, and how many attempts there were."""
    with sqlite3.connect(f"file:{hotline.state}/calls.db?mode=ro", uri=True) as database:
        asked = "select state, attempts from promises where number = ?"
        row = database.execute(asked, [number]).fetchone()
    return str(row[0]), int(row[1])


async def comes_to(hotline: Hotline, number: str, state: str, attempts: int) -> None:
    async def there() -> bool:
        return promise(hotline, number) == (state, attempts)

    await until(there, within=30)


async def test_who_was_promised_it_is_called_and_both_hear_each_other(
    place: Place, tmp_path: Path
) -> None:
    hotline, trunk = place
    high = ears.tone(tmp_path / "high.wav", 1000, 60)
    low = ears.tone(tmp_path / "low.wav", 440, 60)
    number = await booked(hotline)
    assert promise(hotline, number) == ("open", 0)
    async with on_duty(hotline, "1001") as ann, on_duty(hotline, "1002") as bo:
        # Her line is busy: the agent is told so in words, and she is tried again.
        first = await ann.answer_next(record=tmp_path / "busy.wav", within=15)
        assert (first.caller, first.headers["X-IVR-Path"]) == (number, "callback")
        assert (await trunk.reject_next(within=10)).caller == "10086"
        await first.ended(within=10)
        assert ears.duration(tmp_path / "busy.wav") > 1
        again = await ann.answer_next(record=tmp_path / "agent.wav", play=low, within=15)
        hers = await trunk.answer_next(record=tmp_path / "hers.wav", play=high, within=10)
        assert promise(hotline, number) == ("dialling", 2)
        # They talk, and who is a supervisor and an agent herself listens, as to any call.
        spied = await bo.call("*311001", record=tmp_path / "spied.wav")
        await spied.answered(within=10)
        await asyncio.sleep(2)
        await spied.hang_up()
        # She is passed on like any caller.
        await pass_on(again, hotline, "802")
        passed = await bo.answer_next(within=10)
        assert (passed.caller, passed.headers["X-IVR-From"]) == (number, "1001")
        assert not [event for event in hers.events if event.name == "ended"]
        await passed.hang_up()
        await hers.ended(within=5)
        await comes_to(hotline, number, "kept", 2)
    calls = await hotline.get("/api/calls?limit=50")
    told = hotline.ivr("explain", next(c["id"] for c in calls if c["caller"] == number)).stdout
    assert [line.split("  ")[-1] for line in told.splitlines()[-2:]] == ["busy", "talked"]
    assert ears.tone_level(tmp_path / "hers.wav", 440, 0.5, 1.5) > -20
    last = ears.duration(tmp_path / "agent.wav")
    assert ears.tone_level(tmp_path / "agent.wav", 1000, last - 1.5, last - 0.5) > -20
    end = ears.duration(tmp_path / "spied.wav")
    both = [ears.tone_level(tmp_path / "spied.wav", tone, end - 1, end) for tone in (440, 1000)]
    assert min(both) > -30
    (act,) = await audit(hotline, "1002")
    assert (act["what"], act["outcome"], act["call"]) == ("listen", "began", None)
    assert {desk["sums"]["offered"] for desk in (await hotline.get("/api/desks"))["desks"]} == {0}


async def test_who_is_rung_first_comes_to_an_agent_when_she_wants_it_and_a_machine_does_not(
    place: Place, tmp_path: Path
) -> None:
    hotline, trunk = place
    number = await booked(hotline, "10010")
    async with on_duty(hotline, "1002") as bo:
        wav = tmp_path / "greeting.wav"
        machine = await trunk.answer_next(record=wav, within=15)
        await asyncio.sleep(3)  # it listens, as machines do, and presses nothing
        await machine.hang_up()
        assert ears.rms_dbfs(wav, 0.5) > -40
        hers = await trunk.answer_next(within=15)
        await hers.press("1")
        agents = await bo.answer_next(within=10)
        assert (agents.caller, agents.headers["X-IVR-Path"]) == (number, "callback")
        await asyncio.sleep(1)  # they talk; before they are joined nothing is kept
        await agents.hang_up()
        await hers.ended(within=5)
        await comes_to(hotline, number, "kept", 2)
    assert {desk["sums"]["offered"] for desk in (await hotline.get("/api/desks"))["desks"]} == {0}


async def test_a_controller_that_is_killed_in_the_middle_rings_nobody_twice(place: Place) -> None:
    hotline, trunk = place

    async def killed() -> None:
        parts = (await hotline.get("/healthz"))["parts"]
        os.kill(parts["controller"]["pid"], signal.SIGKILL)

    number = await booked(hotline)
    async with on_duty(hotline, "1001") as ann:
        agents = await ann.answer_next(within=15)
        hers = await trunk.rings(within=10)
        # It rings there, and nobody knows of it any more but the switch.
        await killed()
        await is_well(hotline)
        await hers.answer()
        await hers.answered(within=5)
        assert promise(hotline, number) == ("dialling", 1)
        # They talk, and it dies again: what comes of it is told to nobody, and found out.
        await killed()
        await agents.hang_up()
        await hers.ended(within=5)
        await comes_to(hotline, number, "kept", 1)
        with pytest.raises(IvrError, match="no 'incoming'"):
            await trunk.rings(within=2)


async def test_a_switch_that_is_killed_loses_no_promise_and_rings_nobody_twice(
    place: Place,
) -> None:
    hotline, trunk = place
    number = await booked(hotline)
    async with on_duty(hotline, "1001") as ann:
        await ann.answer_next(within=25)
        await trunk.rings(within=10)
        await kill(hotline, "switch")
        # What rang there has come to nothing: she is tried again, once.
        agents = await ann.answer_next(within=25)
        hers = await trunk.answer_next(within=10)
        assert promise(hotline, number) == ("dialling", 2)
        await asyncio.sleep(1)  # they talk
        await agents.hang_up()
        await hers.ended(within=5)
        await comes_to(hotline, number, "kept", 2)
        with pytest.raises(IvrError, match="no 'incoming'"):
            await trunk.rings(within=2)
