"""A hotline that is drained takes nobody new, and ends with its last call."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.phone import Phone
from tests.calls.conftest import dialling
from tests.calls.hotline import Hotline, new_number, until
from tests.stage import ROOT


async def refused(hotline: Hotline) -> bool:
    """Call, and tell whether that is answered with 503."""
    async with Phone(new_number()) as phone:
        call = await phone.call("10086", hotline.sip)
        event = await call.trail.wait("answered", "ended", within=10)
        if event.name == "answered":
            await call.hang_up()
        return event.name == "ended" and event.number("status") == 503


@pytest.mark.timeout(120)
async def test_the_last_call_goes_on_nobody_new_comes_in_and_then_it_ends(tmp_path: Path) -> None:
    hotline = Hotline(tmp_path)
    with hotline.running():
        async with dialling(hotline, tmp_path)() as caller:
            draining = _drain(hotline)
            await until(lambda: refused(hotline))
            draining.send_signal(signal.SIGINT)
            _, told = await asyncio.to_thread(draining.communicate)
            assert "taken as before" in told
            assert not await refused(hotline)
            draining = _drain(hotline)
            await until(lambda: refused(hotline))
            await caller.press("3")
            await caller.comes_to("menu")
            assert draining.poll() is None
        told, faults = await asyncio.to_thread(draining.communicate)
        assert (draining.returncode, faults) == (0, "")
        assert "the last call is over" in told
        assert await asyncio.to_thread(hotline.process.wait, 10) == 0


def _drain(hotline: Hotline) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ivr", "drain"],
        cwd=ROOT,
        env={**os.environ, **hotline.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
