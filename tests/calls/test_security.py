"""Nobody gets in: what a stranger may try on a hotline that runs, and what comes of it."""

import re

import aiohttp

from tests.calls.hotline import Hotline
from tests.fake_asterisk import FakeAsterisk


async def strangers(hotline: Hotline) -> int:
    """Return how many connections to the AGI port were no call of its switch."""
    url = f"http://127.0.0.1:{hotline.ports['http']}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        found = re.search(r"^ivr_agi_strangers_total (\d+)", await response.text(), re.M)
    assert found
    return int(found[1])


async def test_the_controller_leads_no_call_that_is_not_our_switchs(hotline: Hotline) -> None:
    before, calls = await strangers(hotline), await hotline.get("/api/calls?limit=200")
    port = hotline.ports["agi"]
    for script in ("hotline", "agent/duty", "agent/call-back?token=0123"):
        for said in ({}, {"arg_1": "guessed"}):
            async with FakeAsterisk(port, script=script, variables=said) as pretender:
                await pretender.finished()
                assert pretender.commands == []
    assert await strangers(hotline) - before == 6
    assert await hotline.get("/api/calls?limit=200") == calls
