"""Six agents, a dozen callers, two desks: whoever is offered is accounted for, at every look."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ivr.phone import Call, Phone
from ivr.running.secrets import as_operator
from tests import ears
from tests.calls import queue_log
from tests.calls.hotline import Caller, Hotline, flows, new_number, until
from tests.calls.test_desk import on_duty, state_of
from tests.calls.test_transfer import pass_on

pytestmark = pytest.mark.timeout(120)

FRONT = """
flow: front
languages: [cmn]
start: queue
nodes:
  queue: {queue: front_desk, longest: 10s, answered: bye, unanswered: message}
  message: {record: after_the_tone, longest: 4s, silence: 1s, into: message, go: bye, silent: bye}
  bye: hangup
"""
ROAMING = """
flow: roaming_desk
languages: [cmn]
start: queue
nodes:
  queue: {queue: roaming, skills: [en], longest: 60s, answered: bye, unanswered: book}
  book: {callback: roaming, promised: bye, declined: bye, impossible: bye}
  bye: hangup
"""
FRONT_DESK = ("1001", "1002", "1003")
SPECIALISTS = ("1004", "1005", "1006")


@pytest.fixture
def hotline(tmp_path: Path) -> Iterator[Hotline]:
    """The shipped desks, each behind a number of its own, and callers who come there at once."""
    folder = flows(tmp_path)
    (folder / "front.yaml").write_text(FRONT)
    (folder / "roaming_desk.yaml").write_text(ROAMING)
    (folder / "roaming_desk.test.yaml").unlink()
    numbers = json.dumps({"10086": "front", "10010": "roaming_desk"})
    with Hotline(tmp_path, flows=str(folder), numbers=numbers).running() as running:
        yield running


class Floor:
    """The agents on duty, whose phones ring for this caller or that one."""

    def __init__(self, hotline: Hotline) -> None:
        self.hotline = hotline
        self._rings = defaultdict[str, asyncio.Queue[Call]](asyncio.Queue)

    @asynccontextmanager
    async def staffed(self, *numbers: str) -> AsyncIterator[None]:
        """These agents are on duty while the block runs."""
        async with AsyncExitStack() as stack:
            phones = [await stack.enter_async_context(on_duty(self.hotline, n)) for n in numbers]
            watched = [asyncio.create_task(self._watch(phone)) for phone in phones]
            try:
                yield
            finally:
                for task in watched:
                    task.cancel()
                await asyncio.wait(watched)

    async def _watch(self, phone: Phone) -> None:
        while True:
            ringing = await phone.rings(within=120)
            self._rings[ringing.caller].put_nowait(ringing)

    async def rings_for(self, caller: Caller) -> Call:
        """Return the next ringing of whichever phone for this caller."""
        async with asyncio.timeout(15):
            return await self._rings[caller.number].get()

    async def takes(self, caller: Caller) -> Call:
        """Let whoever is rung answer this caller."""
        ringing = await self.rings_for(caller)
        await ringing.answer()
        await ringing.answered(within=5)
        return ringing


async def placed(
    stack: AsyncExitStack, hotline: Hotline, called: str, play: Path | None = None
) -> Caller:
    """Return a caller who has dialled, and hangs up at the end at the latest."""
    number = new_number()
    phone = await stack.enter_async_context(Phone(number))
    call = await phone.call(called, hotline.sip, play=play)
    await call.answered(within=10)
    return Caller(hotline, number, phone, call, hotline.home / "unheard.wav")


def adds_up(sums: dict[str, int]) -> bool:
    """Offered is all the others together, and nothing is below none."""
    return min(sums.values()) >= 0 and 2 * sums["offered"] == sum(sums.values())


@asynccontextmanager
async def looked_at(hotline: Hotline) -> AsyncIterator[list[dict[str, Any]]]:
    """Look at the desks every tenth of a second; whatever does not add up fails the test."""
    looks: list[dict[str, Any]] = []
    url = f"http://127.0.0.1:{hotline.ports['http']}/api/desks"

    async def look() -> None:
        async with aiohttp.ClientSession(headers=as_operator(hotline.state)) as http:
            while True:
                async with http.get(url) as response:
                    desks = (await response.json())["desks"]
                looks.append({desk["name"]: desk["sums"] for desk in desks})
                await asyncio.sleep(0.1)

    looking = asyncio.create_task(look())
    try:
        yield looks
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
    assert [sums for seen in looks for sums in seen.values() if not adds_up(sums)] == []


async def sums(hotline: Hotline, desk: str) -> dict[str, int]:
    """Return what became of a desk's callers; what became of none is left out."""
    desks = (await hotline.get("/api/desks"))["desks"]
    counted = next(each["sums"] for each in desks if each["name"] == desk)
    return {fate: count for fate, count in counted.items() if count}


async def test_everybody_is_accounted_for_at_every_look_and_in_queue_log(
    hotline: Hotline, tmp_path: Path
) -> None:
    floor, voice = Floor(hotline), ears.tone(tmp_path / "voice.wav", 440, 60)
    async with looked_at(hotline) as looks, AsyncExitStack() as callers:

        async def dial(called: str = "10086", play: Path | None = None) -> Caller:
            return await placed(callers, hotline, called, play)

        async with floor.staffed(*FRONT_DESK):
            async with floor.staffed(*SPECIALISTS):
                # Everybody at the front desk talks; three more wait there.
                first, second, third = [await dial() for _ in range(3)]
                with_first, with_second = await floor.takes(first), await floor.takes(second)
                with_third = await floor.takes(third)
                leaves, speaks, silent = await dial(), await dial(play=voice), await dial()
                # At roaming two talk, and a third gives up while a phone rings for her.
                abroad, far, hasty = [await dial("10010") for _ in range(3)]
                with_abroad, with_far = await floor.takes(abroad), await floor.takes(far)
                await floor.rings_for(hasty)
                await hasty.call.hang_up()
                await leaves.comes_to("queue")
                await leaves.call.hang_up()

                async def two_are_left() -> bool:
                    return (await sums(hotline, "front_desk"))["still_there"] == 2

                await until(two_are_left)
                # Nobody comes: one leaves a message, the other does not.
                await asyncio.gather(speaks.comes_to("message"), silent.comes_to("message"))
                await silent.call.hang_up()
                # One is passed on to roaming, whose third agent is free.
                await pass_on(with_third, hotline, "801")
                passed = await floor.takes(third)
                await with_first.hang_up()
                await second.call.hang_up()
                await with_abroad.hang_up()
                await far.call.hang_up()
                await passed.hang_up()
                await speaks.call.ended(within=15)
                # Refused by one, answered by another.
                refused = await dial()
                await (await floor.rings_for(refused)).reject(486)
                with_refused = await floor.takes(refused)
                another, last = await dial(), await dial()
                with_another, with_last = await floor.takes(another), await floor.takes(last)
                await with_refused.hang_up()
                await another.call.hang_up()
                await with_another.ended(within=5)

            async def all_gone() -> bool:
                states = [await state_of(hotline, number) for number in SPECIALISTS]
                return set(states) == {"logged out"}

            await until(all_gone)
            # Nobody is at roaming any more: who is passed on there books a call back.
            await pass_on(with_last, hotline, "801")
            await last.comes_to("book")
            await last.press("1")
            await last.call.ended(within=20)

        async def nobody_is_there() -> bool:
            both = [await sums(hotline, desk) for desk in ("front_desk", "roaming")]
            return not any("still_there" in desk for desk in both)

        assert with_second.was_answered
        assert with_far.was_answered
        await until(nobody_is_there)
        assert await sums(hotline, "front_desk") == {
            "offered": 9, "answered": 6, "gave_up": 1, "left_a_message": 1, "overflowed": 1,
        }  # fmt: skip
        assert await sums(hotline, "roaming") == {
            "offered": 5, "answered": 3, "gave_up": 1, "called_back": 1,
        }  # fmt: skip
    assert len(looks) > 100
    log = queue_log.of_calls((hotline.state / "log" / "queue_log").read_text())
    waits = queue_log.waits(log)
    assert len(waits) == 9 + 4
    assert queue_log.events(log, "front_desk") == {
        "ENTERQUEUE": 9,
        "RINGNOANSWER": 1,
        "CONNECT": 6,
        "COMPLETEAGENT": 2,
        "COMPLETECALLER": 2,
        "BLINDTRANSFER": 2,
        "ABANDON": 1,
        "EXITWITHTIMEOUT": 2,
    }
    assert queue_log.events(log, "roaming") == {
        "ENTERQUEUE": 4,
        "CONNECT": 3,
        "RINGCANCELED": 1,
        "ABANDON": 1,
        "COMPLETEAGENT": 2,
        "COMPLETECALLER": 1,
    }
