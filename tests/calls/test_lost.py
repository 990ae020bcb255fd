"""What is lost while a call lasts: the AMI link, the back end."""

import asyncio
import re
from pathlib import Path

import pytest

from ivr.phone import Phone
from ivr.switch.softswitch import find
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, is_well, new_number, nodes, until

PREFIX = Path("~/.cache/ivr-hotline/asterisk").expanduser()


async def console(hotline: Hotline, command: str) -> str:
    """Ask the switch itself."""
    switch = find(PREFIX)
    assert switch is not None
    return await asyncio.to_thread(switch.console, hotline.state / "etc", command)


async def test_a_lost_ami_link_touches_no_call_and_comes_back(hotline: Hotline, dial: Dial) -> None:
    async with dial("13800138000") as caller:
        await caller.press("1")
        await caller.comes_to("menu")
        shown = await console(hotline, "manager show connected")
        links = re.findall(r"^\s*controller\s+\S+\s+\d+\s+\d+\s+(\d+)", shown, re.MULTILINE)
        assert links, shown
        log = hotline.state / "log" / "controller.log"
        before = log.read_text().count("AMI link is up")
        for link in links:
            await console(hotline, f"manager kick session {link}")

        async def came_back() -> bool:
            return log.read_text().count("AMI link is up") > before

        await caller.press("1")
        await caller.comes_to("tell_balance")
        await until(came_back)
        await is_well(hotline)

        async def all_are_listed() -> bool:  # which is asked for when the link is up
            agents = await hotline.get("/api/agents")
            return {agent["number"] for agent in agents} >= {"1001", "1002", "1003"}

        await until(all_are_listed, within=5)


@pytest.mark.timeout(150)
async def test_a_back_end_that_is_not_there_leads_to_an_agent(tmp_path: Path) -> None:
    lonely = Hotline(tmp_path, services='{"billing": "http://127.0.0.1:9"}')
    with lonely.running():
        number = new_number()
        async with Phone(number) as phone:
            call = await phone.call("10086", lonely.sip)
            await call.answered(within=10)
            caller = Caller(lonely, number, phone, call, tmp_path / "none.wav")
            await caller.press("31")
            record = await caller.comes_to("connecting")
            await call.hang_up()
    assert nodes(record)[-3:] == ["sorry", "agent", "connecting"]
    assert record["language"] == "en"
