"""Supervision: who hears whom, measured by tones; who may not; and what the record tells of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from ivr.phone import Call, Phone
from tests import ears
from tests.calls.conftest import Dial
from tests.calls.hotline import Hotline, is_well, until
from tests.calls.test_desk import on_duty
from tests.calls.test_transfer import hears, pass_on

CALLER, AGENT, SUPERVISOR = 1000.0, 440.0, 620.0
HEARD, NOT_HEARD = -30.0, -45.0


class Talk(NamedTuple):
    """A caller and an agent who talk, each by a tone of her own, and what each hears."""

    caller: Path
    agent: Path
    call: Call
    id: str
    phone: Phone


@asynccontextmanager
async def talk(hotline: Hotline, dial: Dial, folder: Path, agent: str) -> AsyncIterator[Talk]:
    high = ears.tone(folder / "high.wav", CALLER, 90)
    low, heard = ears.tone(folder / "low.wav", AGENT, 90), folder / "agent.wav"
    async with on_duty(hotline, agent) as phone, dial(play=high) as caller:
        await caller.press("20")
        taken = await phone.answer_next(within=25, record=heard, play=low)
        await hears(heard, CALLER)
        id = (await caller.comes_to("queue"))["id"]
        yield Talk(caller.wav, heard, taken, id, phone)


@pytest.fixture
async def supervisor(hotline: Hotline) -> AsyncIterator[Phone]:
    async with hotline.agent("1009") as phone:
        await phone.registered(within=10)
        yield phone


def authorization(hotline: Hotline, who: str) -> dict[str, str]:
    return {"Authorization": aiohttp.encode_basic_auth(who, hotline.password(who))}


async def audit(hotline: Hotline, who: str = "1009", *, of: str = "1001") -> list[dict[str, Any]]:
    """Return what the audit tells a supervisor of an agent, the newest first."""
    known = authorization(hotline, who)
    url = f"http://127.0.0.1:{hotline.ports['http']}/api/audit?of={of}"
    async with aiohttp.ClientSession(headers=known) as http, http.get(url) as answer:
        acts: list[dict[str, Any]] = await answer.json()
        return acts


async def over(hotline: Hotline, count: int) -> list[dict[str, Any]]:
    """Wait until the newest acts on 1001 are over; return them."""

    async def so() -> list[dict[str, Any]]:
        acts = (await audit(hotline))[:count]
        return acts if all(act["until"] for act in acts) else []

    acts: list[dict[str, Any]] = await until(so, within=5)
    return acts


async def ask(hotline: Hotline, who: str, path: str) -> tuple[int, Any]:
    """Ask for supervision over HTTP as an agent."""
    url = f"http://127.0.0.1:{hotline.ports['http']}{path}"
    known = authorization(hotline, who)
    async with aiohttp.ClientSession(headers=known) as http, http.post(url) as answer:
        return answer.status, await answer.json()


async def settled(levels: Mapping[tuple[Path, float], bool]) -> None:
    """Wait until each tone is heard in each recording where it shall be, and nowhere else."""
    seen: dict[tuple[str, float], float] = {}

    async def so() -> bool:
        for wav, hertz in levels:
            try:
                last = ears.duration(wav)
            except EOFError:  # its first samples are not in the file yet
                return False
            if last < 0.4:
                return False
            seen[wav.name, hertz] = ears.tone_level(wav, hertz, last - 0.4, last)
        return all(
            seen[wav.name, hertz] > HEARD if is_heard else seen[wav.name, hertz] < NOT_HEARD
            for (wav, hertz), is_heard in levels.items()
        )

    try:
        await until(so, within=8)
    except AssertionError:
        raise AssertionError(f"heard, in dB: {seen}") from None


async def test_a_supervisor_listens_whispers_and_joins_by_keys_and_the_record_tells_each(
    hotline: Hotline, dial: Dial, supervisor: Phone, tmp_path: Path
) -> None:
    voice = ears.tone(tmp_path / "voice.wav", SUPERVISOR, 90)
    spied = tmp_path / "supervisor.wav"
    async with talk(hotline, dial, tmp_path, "1001") as both:
        call = await supervisor.call("*311001", record=spied, play=voice)
        await call.answered(within=10)
        hears_both = {(spied, CALLER): True, (spied, AGENT): True}
        nobody = {(both.caller, SUPERVISOR): False, (both.agent, SUPERVISOR): False}
        await settled(hears_both | nobody)
        await call.press("5")
        agent_alone = {(both.caller, SUPERVISOR): False, (both.agent, SUPERVISOR): True}
        await settled(hears_both | agent_alone)
        await call.press("6")
        everybody = {(both.caller, SUPERVISOR): True, (both.agent, SUPERVISOR): True}
        await settled(hears_both | everybody)
        await call.press("4")
        await settled(hears_both | nobody)
        # Without a controller she hears on.
        health = await hotline.get("/healthz")
        os.kill(health["parts"]["controller"]["pid"], signal.SIGKILL)
        await settled(hears_both | nobody)
        await is_well(hotline)
        await call.hang_up()
        # The two talk on.
        await settled({(both.caller, AGENT): True, (both.agent, CALLER): True})
        acts = await over(hotline, 4)
        assert [act["what"] for act in acts] == ["listen", "barge", "whisper", "listen"]
        assert {(act["who"], act["call"], act["outcome"]) for act in acts} == {
            ("1009", both.id, "began")
        }
        assert [bool(act["why"]) for act in acts] == [True, False, False, False]
        await both.call.hang_up()


async def test_who_may_is_rung_over_http_and_who_may_not_is_told_and_written_down(
    hotline: Hotline, dial: Dial, supervisor: Phone, tmp_path: Path
) -> None:
    refused, spied = tmp_path / "refused.wav", tmp_path / "spied.wav"
    async with on_duty(hotline, "1005") as other, talk(hotline, dial, tmp_path, "1001") as both:
        call = await other.call("*331001", record=refused)
        # A supervisor, of an agent who is in no conversation with a caller.
        silent = await supervisor.call("*311005")
        await call.ended(within=15)
        assert len(ears.speech(refused)) >= 1
        assert ears.tone_level(refused, CALLER) < NOT_HEARD
        newest = (await audit(hotline))[0]
        assert (newest["who"], newest["what"], newest["outcome"], newest["why"]) == (
            "1005", "barge", "refused", "no supervisor",
        )  # fmt: skip
        assert (await ask(hotline, "1005", "/api/agents/1001/listen"))[0] == 403
        assert (await audit(hotline))[0]["what"] == "listen"
        await silent.ended(within=15)
        assert (await audit(hotline, of="1005"))[0]["why"] == "in no conversation"
        assert (await ask(hotline, "1009", "/api/agents/1005/listen"))[0] == 409

        given = ("supervise", "1001", "--by", "1009", "--how", "whisper")
        done = await asyncio.to_thread(hotline.ivr, *given)
        assert done.returncode == 0, done.stderr
        call = await supervisor.answer_next(record=spied, within=10)
        assert "whisper 1001" in call.caller_name
        await settled({(spied, CALLER): True, (spied, AGENT): True})
        began, asked = (await audit(hotline))[:2]
        assert (asked["who"], asked["outcome"]) == ("operator", "asked")
        assert (began["who"], began["why"]) == ("1009", f"asked for as {asked['number']}")
        assert began["until"] is None
        # She listens to an agent: where the caller goes then, she does not follow.
        await pass_on(both.call, hotline, "801")
        await call.ended(within=10)
        await over(hotline, 1)
