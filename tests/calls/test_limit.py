"""Callers beyond the most that are let in: told so or refused, and those inside notice nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from ivr.phone import Call, Phone
from tests import ears
from tests.calls import listening
from tests.calls.conftest import dialling
from tests.calls.hotline import Hotline, new_number

pytestmark = pytest.mark.timeout(120)

# A word that is played by itself is alike by 0.9.
PLAYED = 0.8
SILENCE = -50


@pytest.fixture
def hotline(tmp_path: Path) -> Iterator[Hotline]:
    """A hotline with ports of sound for two callers, which tells one at a time that it is full."""
    # Below those that systems give away, and beside those of the other hotlines of a run.
    first = 25_000 + os.getpid() % 600 * 12
    with Hotline(tmp_path, rtp_ports=f"{first}-{first + 10}", most_told="1").running() as running:
        yield running


async def placed(hotline: Hotline, phone: Phone, record: Path | None = None) -> Call:
    return await phone.call("10086", hotline.sip, record=record)


async def over(call: Call) -> int:
    """Return with what status a call ended that was never answered."""
    end = await call.ended(within=20)
    assert not call.was_answered
    return end.status


async def refused(hotline: Hotline) -> dict[str, float]:
    """Return how many were refused, by how."""
    url = f"http://127.0.0.1:{hotline.ports['http']}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        text = await response.text()
    found = re.findall(r'^ivr_calls_refused_total{how="(\w+)"} (\S+)', text, re.M)
    return {how: float(count) for how, count in found}


async def test_one_too_many_is_told_so_or_refused_and_who_is_in_notices_nothing(
    hotline: Hotline, tmp_path: Path
) -> None:
    dial, heard = dialling(hotline, tmp_path), tmp_path / "told.wav"
    async with dial() as first, dial() as second, Phone(new_number()) as one:
        await second.press("3")
        told = await placed(hotline, one, heard)
        # Told so in each language, unanswered; meanwhile there is no place for another to be told.
        ringing = await told.trail.wait("ringing", within=5)
        assert ringing.number("status") == 183
        async with Phone(new_number()) as other, hotline.agent("1001") as agent:
            at_once = await placed(hotline, other)
            assert await over(at_once) == 503
            assert [event.name for event in at_once.events] == ["ended"]
            # Agents are no callers.
            await agent.registered(within=10)
            code = await agent.call("*47", hotline.sip)
            await code.answered(within=5)
            await code.hang_up()
        assert await over(told) == 503
        for language in ("cmn", "yue", "en"):
            for word in listening.words("lines_busy", language, {}):
                assert listening.hears(listening.sound(word), heard, 0).score > PLAYED
        assert await refused(hotline) == {"told": 1, "refused": 1}
        log = (hotline.state / "log" / "controller.log").read_text()
        assert "only 2 callers are let in at once" in log
        assert not [e for c in (first, second) for e in c.call.events if e.name == "ended"]
        await second.comes_to("menu")
        last = ears.duration(second.wav)
        assert ears.rms_dbfs(second.wav, last - 1, last) > SILENCE
        await first.call.hang_up()
        await first.story()
        async with dial() as third:
            await third.comes_to("welcome")
