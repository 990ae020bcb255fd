"""A call lives for as long as its phone says so, whatever the phone sends and the clock shows.

The hotline is of its own, for its clock is put forward.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
import pytest_asyncio

from bench.endure.light import LightPhone
from tests.calls.clock import Clock
from tests.calls.front import front
from tests.calls.hotline import Hotline, new_number, until
from tests.switch.rawsip import Message, Peer

pytestmark = [pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="module")]

HOUR = 3600
# Each 45 s a phone is asked (timers_sess_expires of pjsip.conf, halved); who has not answered for
# 32 s is gone (RFC 3261, timers B and F). Beyond them is what a busy machine takes.
ASKED, GONE, BUSY = 45, 32, 6


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> AsyncIterator[Hotline]:
    hotline = front(tmp_path_factory.mktemp("alive"))
    hotline.environment |= clock.environment
    running = hotline.running()
    await asyncio.to_thread(running.__enter__)
    try:
        yield hotline
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


def goes_away(port: int) -> tuple[str, float, float]:
    """Call, answer nothing any more; return how it is asked, after how long, and when given up."""
    with closing(Peer(port, new_number())) as phone:
        assert phone.invite("10086").status == 200
        began, phone.is_gone = time.monotonic(), True

        def asks(it: Message) -> bool:
            return it.status == 0 and it.method in ("UPDATE", "INVITE")

        asked = phone.wait(asks, ASKED + BUSY)
        after = time.monotonic() - began
        phone.asked("BYE", GONE + BUSY)
        return asked.method, after, time.monotonic() - began


async def test_a_call_ends_when_its_phone_is_gone_and_not_by_silence_or_the_clock(
    hotline: Hotline, clock: Clock
) -> None:
    port = hotline.ports["sip"]
    gone = asyncio.create_task(asyncio.to_thread(goes_away, port))
    async with (
        LightPhone(port, new_number(), while_silent=HOUR) as silent,
        LightPhone(port, new_number(), takes_update=False) as plain,
    ):
        began = time.monotonic()
        await asyncio.sleep(5)  # what passes is time, then the clock is put
        clock.put(HOUR)
        await asyncio.sleep(2)
        # Somebody who calls has the switch look at its timers, as the step of a real clock does.
        async with LightPhone(port, new_number()) as other:
            await told(hotline, other, 1)
        await asyncio.gather(*(told(hotline, phone, 1) for phone in (silent, plain)))
        assert silent.asked == plain.asked == []
        await asyncio.sleep(began + ASKED + BUSY - time.monotonic())  # what is waited for is time
        await asyncio.gather(*(told(hotline, phone, 2) for phone in (silent, plain)))
        assert (silent.asked, plain.asked) == (["UPDATE"], ["INVITE"])
    how, asked, given_up = await gone
    assert how == "INVITE"
    assert ASKED - 1 < asked < ASKED + BUSY
    assert ASKED + GONE - 1 < given_up < ASKED + GONE + BUSY


async def told(hotline: Hotline, phone: LightPhone, times: int) -> None:
    """Press a key, and hear what it leads to."""
    pressed = time.monotonic()
    await phone.press("4")

    async def is_told() -> bool:
        calls = await hotline.get("/api/calls?limit=50")
        (record,) = [call for call in calls if call["caller"] == phone.number]
        nodes = [step["node"] for step in record["path"]]
        return nodes.count("told") == times and phone.heard > pressed + 0.5

    await until(is_told)
    assert not phone.ended.is_set()
