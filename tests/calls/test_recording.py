"""Recorded talks: told, in stereo, for one pair of eyes, found and deleted; and the mark after."""

from __future__ import annotations

import asyncio
import contextlib
import json
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from ivr.phone import Phone
from ivr.web.basic import OPERATOR
from tests import ears
from tests.calls.hotline import Caller, Hotline, flows, new_number, said, until
from tests.calls.rawtalk import talking
from tests.calls.tapes import sides, silences, taped, when
from tests.calls.test_desk import on_duty, state_of
from tests.calls.test_sending import send
from tests.calls.test_transfer import hears, part, pass_on
from tests.stage import SHIPPED
from tests.switch.rawsip import Peer

pytestmark = pytest.mark.timeout(120)

HERS, LEFT, RIGHT = 1000, 0, 1
QUIET = -45


@pytest.fixture(scope="module")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """The shipped hotline, whose desks record, and whose callers give marks."""
    home = tmp_path_factory.mktemp("recording")
    desks = (SHIPPED / "desks.yaml").read_text()
    for wrap_up in ("wrap_up: 5s", "wrap_up: 10s"):
        assert wrap_up in desks
        desks = desks.replace(wrap_up, "recording: {keep: 30d}")
    (home / "desks.yaml").write_text(desks)
    settings = {"flows": str(flows(home)), "desks": str(home / "desks.yaml")}
    with Hotline(home, remember_callers="0d", **settings).running() as running:
        yield running


@asynccontextmanager
async def dialled(hotline: Hotline, folder: Path, number: str = "") -> AsyncIterator[Caller]:
    number, wav = number or new_number(), folder / "caller.wav"
    high = ears.tone(folder / "high.wav", HERS, 60)
    async with Phone(number) as phone:
        call = await phone.call("10086", hotline.sip, record=wav, play=high)
        await call.answered(within=10)
        yield Caller(hotline, number, phone, call, wav)
        await call.hang_up()


async def heard_by(
    hotline: Hotline, path: str, user: str = "", password: str = ""
) -> tuple[int, bytes]:
    headers = {"Authorization": aiohttp.encode_basic_auth(user, password)} if user else {}
    url = f"http://127.0.0.1:{hotline.ports['http']}{path}"
    async with aiohttp.request("GET", url, headers=headers) as answer:
        return answer.status, await answer.read()


async def test_a_talk_is_told_recorded_in_stereo_found_marked_and_deleted(
    hotline: Hotline, tmp_path: Path
) -> None:
    low, heard = ears.tone(tmp_path / "low.wav", 440, 60), tmp_path / "agent.wav"
    async with on_duty(hotline, "1001") as agent, dialled(hotline, tmp_path) as caller:
        await caller.press("10")
        taken = await agent.answer_next(record=heard, play=low, within=30)
        await hears(heard, HERS)
        await hears(caller.wav, 440)
        await taken.press("5")  # an agent's key is no part of the talk
        await asyncio.sleep(1.5)  # they talk
        await taken.hang_up()
        await caller.comes_to("survey/mark")
        await caller.press("4")
        await caller.comes_to("survey/comment")
        await caller.call.hang_up()
        record = await caller.story()
    assert "may_be_recorded" in said(record) and said(record)[-2] == "rate_us"
    tape = await taped(hotline, record["id"])
    left, right = sides(tape, tmp_path)
    lasts = ears.duration(left)
    assert 1.5 < lasts < 8
    middle = lasts / 2 - 0.5, lasts / 2 + 0.5
    assert ears.tone_level(left, HERS, *middle) > -20
    assert ears.tone_level(right, 440, *middle) > -20
    assert ears.tone_level(left, 440, *middle) < QUIET
    assert ears.tone_level(right, HERS, *middle) < QUIET
    # For one pair of eyes.
    assert stat.S_IMODE(tape.stat().st_mode) == 0o600
    assert stat.S_IMODE(tape.parent.stat().st_mode) == 0o700
    told = hotline.ivr("explain", record["id"]).stdout
    assert "Her mark: 4 of 5." in told
    figures = await hotline.get("/api/desks/front_desk/figures")
    assert (figures["mean_mark"]["value"], figures["mean_mark"]["calls"]) == (4.0, 1)
    listed = hotline.ivr("talks", "--agent", "1001", "--number", caller.number).stdout
    assert caller.number in listed and tape.name in listed
    assert hotline.ivr("talks", "--agent", "1002").stdout == "no such talk\n"
    password = json.loads((hotline.state / "secrets.json").read_text())[OPERATOR]
    talks = await heard_by(hotline, f"/api/calls/{record['id']}/talks", OPERATOR, password)
    assert talks[0] == 200 and talks[1].count(b"/api/talks/") == 1
    sound = f"/api/talks/{tape.stem}.wav"
    assert (await heard_by(hotline, sound))[0] == 401
    assert (await heard_by(hotline, sound, "1001", hotline.password("1001")))[0] == 403
    assert await heard_by(hotline, sound, OPERATOR, password) == (200, tape.read_bytes())
    assert hotline.ivr("talks", "delete", "--call", record["id"]).stdout == "deleted: 1\n"
    assert not tape.exists()


async def test_each_passing_on_is_a_new_file_and_neither_secrets_nor_what_agents_ask_is_in_any(
    hotline: Hotline, tmp_path: Path
) -> None:
    tones = {hertz: ears.tone(tmp_path / f"{hertz}.wav", hertz, 90) for hertz in (440, 620, 770)}
    heard = tmp_path / "next.wav"
    async with (
        on_duty(hotline, "1002") as first,
        on_duty(hotline, "1004") as next_one,
        dialled(hotline, tmp_path, "13800138000") as caller,
    ):
        await caller.press("30")
        taken = await first.answer_next(play=tones[440], within=30)
        await hears(caller.wav, 440)
        await send(taken, caller, "*71")
        await caller.press("138000")
        assert "enter_pin: done" in await first.text(within=15)
        await hears(caller.wav, 440)
        await asyncio.sleep(0.5)
        await pass_on(taken, hotline, "801")
        passed = await next_one.answer_next(record=heard, play=tones[620], within=30)
        await hears(caller.wav, 620)
        await asyncio.sleep(4)  # longer than the next one will talk
        async with on_duty(hotline, "1005") as last:
            await passed.press("*2")
            await hears(heard, 450)
            await passed.press("801")
            asked = await last.answer_next(play=tones[770], within=25)
            await hears(heard, 770)
            await asyncio.sleep(1.5)  # they talk about her
            await passed.hang_up()
            await hears(caller.wav, 770)
            await asyncio.sleep(1)
            await asked.hang_up()
            await caller.call.ended(within=15)
        before, after = await part(caller, 1), await part(caller, 3)
    assert "may_be_recorded" in said(before) and "may_be_recorded" not in said(after)
    left, right = sides(await taped(hotline, before["id"]), tmp_path)
    # Nothing of the flow: the agent is heard without a break but for the seam.
    assert when(left, HERS) and len(silences(right, 440)) <= 3
    assert max(ears.tone_level(right, hertz) for hertz in (620, 770)) < QUIET
    left, right = sides(await taped(hotline, after["id"]), tmp_path)
    # What the two agents say is not there; behind the hand-over the next one is.
    assert when(right, 770)[0] - when(right, 620)[1] > 1.5
    assert when(left, HERS)[1] - when(right, 770)[0] > 1 and len(silences(right, 770)) <= 1
    assert ears.tone_level(right, 440) < QUIET
    assert hotline.ivr("talks", "--call", before["id"]).stdout.count(".wav") == 2


async def test_an_agent_whose_packets_are_counted_from_a_high_number_is_recorded_too(
    hotline: Hotline, tmp_path: Path
) -> None:
    agent = Peer(hotline.ports["sip"], "1001")
    with contextlib.closing(agent):
        assert agent.register(hotline.password("1001")).status == 200
        # It answers meanwhile when the switch asks whether it is there.
        ringing = asyncio.create_task(asyncio.to_thread(agent.asked, "INVITE", 50))

        async def free() -> bool:
            return await state_of(hotline, "1001") == "free"

        await until(free)
        async with dialled(hotline, tmp_path) as caller:
            await caller.press("10")
            with talking(agent, await ringing, 440, first=0xC000):
                await hears(caller.wav, 440)
                await asyncio.sleep(1)
                await caller.call.hang_up()
            record = await caller.story()
    left, right = sides(await taped(hotline, record["id"]), tmp_path)
    assert when(left, HERS)
    assert when(right, 440)[1] - when(right, 440)[0] > 1
