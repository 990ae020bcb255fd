"""The controller dies, or hangs, under callers who are everywhere: each goes on where she was."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ivr.running.turn import somebody_stands_by
from tests import ears
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, is_well, nodes, until
from tests.calls.test_desk import on_duty

# A controller that hangs is ended after so many seconds.
HANGS = 2.0
# Who has the phone 1001.
AGENT = "陈志明"


async def stands_by(hotline: Hotline) -> None:
    """Wait until a controller stands by."""

    async def there() -> bool:
        return somebody_stands_by(hotline.state)

    await until(there)


def controllers(hotline: Hotline) -> list[int]:
    """Return the processes of the controllers."""
    up = hotline.process.pid
    children = Path(f"/proc/{up}/task/{up}/children").read_text().split()
    words = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children}
    return [pid for pid, said in words.items() if b"controller" in said]


async def leads(hotline: Hotline) -> int:
    """Return the process of the controller that leads the calls."""
    pid: int = (await hotline.get("/healthz"))["parts"]["controller"]["pid"]
    return pid


async def ends(hotline: Hotline, how: signal.Signals) -> int:
    """End or stop the controller that leads the calls; return the one that has stood by."""
    await stands_by(hotline)
    leader = await leads(hotline)
    os.kill(leader, how)
    (other,) = {*controllers(hotline)} - {leader}
    return other


async def is_recorded(hotline: Hotline, seconds: float) -> bool:
    """Tell whether the newest message is so long by now."""
    messages = sorted((hotline.state / "recordings").glob("*.wav"), key=os.path.getmtime)
    return bool(messages) and messages[-1].stat().st_size > seconds * 16000


async def patiently(hotline: Hotline, caller: Caller, holds: Callable[[Any], Any]) -> Any:
    """Wait until something holds of a caller's record, though nobody may tell it for a moment."""

    async def there() -> Any:
        try:
            record = await asyncio.wait_for(caller.record(), 1)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None
        return record if record and holds(record) else None

    return await until(there)


def was_at(node: str) -> Callable[[Any], bool]:
    return lambda record: node in nodes(record)


def has_pressed(keys: str) -> Callable[[Any], bool]:
    return lambda record: "".join(each["key"] for each in record["keys"]) == keys


async def test_callers_everywhere_in_the_flow_go_on_where_they_were(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    tone = ears.tone(tmp_path / "tone.wav", 1000, 60)
    rich = await hotline.customer("88.50", "2030-01-31")
    slow = await hotline.customer("12.00", "2030-01-31")
    async with (
        dial() as hears,
        dial("anonymous") as types,
        dial(rich) as reads,
        dial(slow) as asks,
        dial(play=tone) as records,
    ):
        types.number = ""
        await asyncio.gather(types.press("31"), asks.press("3"), records.press("30"))
        await asks.comes_to("menu")
        await until(lambda: records.has_heard("after_the_tone", 1))
        await asyncio.gather(reads.press("31"), hears.press("3"))
        await reads.comes_to("tell_balance")
        await reads.press("#")
        await until(lambda: is_recorded(hotline, 1.5))
        await hotline.faults(delay="20s")
        await asyncio.gather(types.press("1380"), asks.press("1"))
        await asyncio.gather(asks.comes_to("own_balance"), hears.comes_to("menu"))

        other = await ends(hotline, signal.SIGKILL)
        await hotline.faults()
        # Nobody is there for a moment: no key is lost.
        # Nor the one behind the end of a message.
        await asyncio.gather(types.press("0138000"), hears.press("3"), records.press("#1"))
        await patiently(hotline, hears, was_at("plans"))
        # Not one that was started for it, seconds later: how soon it is, `make endure` measures.
        assert await leads(hotline) == other
        told = await patiently(hotline, asks, was_at("tell_balance"))
        assert nodes(told).count("own_balance") == 1
        record = await patiently(hotline, reads, was_at("tell_balance"))
        assert record["speed"] == "120%"
        await types.press("1")
        await patiently(hotline, types, was_at("tell_balance"))
        await patiently(hotline, records, was_at("thanks"))
        for caller in (hears, types, reads, asks):
            await caller.call.hang_up()
    # One record of each, whole.
    for caller in (hears, types, reads, asks, records):
        record = await caller.story()
        assert record["outcome"] in ("abandoned", "finished"), record["why"]
        kept = await hotline.get("/api/calls?limit=50")
        assert [call["id"] for call in kept].count(record["id"]) == 1


async def test_who_waits_keeps_her_place_and_chooses_and_who_talks_notices_nothing(
    hotline: Hotline, dial: Dial
) -> None:
    async with on_duty(hotline, "1001") as agent, dial() as talks:
        await talks.press("20")
        taken = await agent.answer_next(within=25)
        async with dial() as first, dial() as second, dial() as asked, dial() as menu:
            await stands_by(hotline)
            await asyncio.gather(first.press("20"), menu.press("3"))
            await first.comes_to("connecting")
            await asyncio.gather(second.press("20"), asked.press("30"))
            await patiently(hotline, second, was_at("your_wait"))
            await asked.comes_to("waiting")

            other = await ends(hotline, signal.SIGSTOP)
            # To wait on; nobody reads it yet.
            await asyncio.gather(menu.press("3"), asked.press("1"))
            await patiently(hotline, menu, was_at("plans"))
            record = await patiently(hotline, asked, has_pressed("301"))
            assert await leads(hotline) == other
            assert [key["node"] for key in record["keys"]] == ["welcome", "menu", "waiting"]
            assert not [event for event in taken.events if event.name == "ended"]
            async with on_duty(hotline, "1003") as another:
                answered = await another.answer_next(within=15)
                assert answered.caller == first.number
                await taken.hang_up()
                # Her flow goes on behind the talk, and ends.
                assert (await talks.call.ended(within=5)).by_far_side
                await answered.hang_up()
                assert (await first.call.ended(within=5)).by_far_side
    for caller, by in ((talks, AGENT), (first, "黃詠詩")):
        record = await caller.story()
        assert record["outcome"] == "answered", record["why"]
        assert nodes(record)[-1] == "bye"
        (told,) = record["asked"]
        assert told["by"] == by
        # Of the first she hangs up as soon as she has answered, at times before they are joined.
        assert told["talked"] > 1000 * HANGS or caller is first
    record = await second.story()
    assert record["why"] == "the caller hung up in 'queue'"
    assert record["outcome"] == "abandoned" and nodes(record)[-1] == "queue"


async def test_a_restart_in_order_drops_nobody(hotline: Hotline, dial: Dial) -> None:
    await stands_by(hotline)
    before = set(controllers(hotline))
    log = hotline.state / "log" / "controller.log"
    faults = log.read_text().count("Traceback")
    async with dial("anonymous") as types, dial() as hears, on_duty(hotline, "1002") as agent:
        types.number = ""
        async with dial() as talks:
            await talks.press("10")
            taken = await agent.answer_next(within=25)
            await asyncio.gather(types.press("31"), hears.press("3"))
            await types.comes_to("which_number")
            restarting = asyncio.create_task(asyncio.to_thread(hotline.ivr, "restart"))
            for key in "13800138000":
                await types.press(key)
                await asyncio.sleep(0.4)
            done = await restarting
            assert done.returncode == 0, done.stderr + hotline.output.read_text()
            await hears.press("3")  # into the menu that is still being said
            await patiently(hotline, hears, was_at("plans"))
            await types.press("1")
            await patiently(hotline, types, was_at("tell_balance"))
            assert not [event for event in taken.events if event.name == "ended"]
            await taken.hang_up()
            assert (await talks.call.ended(within=5)).by_far_side
    for caller in (types, hears, talks):
        record = await caller.story()
        assert record["outcome"] in ("abandoned", "answered"), record["why"]
    await stands_by(hotline)
    assert not before & set(controllers(hotline))
    assert log.read_text().count("Traceback") == faults


@pytest.mark.timeout(120)
async def test_no_controller_means_an_apology_and_the_front_desk(
    hotline: Hotline, dial: Dial
) -> None:
    async with on_duty(hotline, "1001") as agent, dial() as caller:
        await caller.press("3")
        await caller.comes_to("menu")
        await stands_by(hotline)
        hotline.process.send_signal(signal.SIGSTOP)
        try:
            for pid in controllers(hotline):
                os.kill(pid, signal.SIGKILL)
            await caller.press("1")
            taken = await agent.answer_next(within=40)
            assert taken.caller == caller.number
            async with dial():
                pass  # who calls now is answered, too
            await taken.hang_up()
            await caller.call.ended(within=10)
        finally:
            hotline.process.send_signal(signal.SIGCONT)
    await is_well(hotline)
    record = await caller.story()
    why = f"no controller could lead her on in 'menu': {AGENT} answered her at 'front_desk'"
    assert (record["outcome"], record["why"]) == ("failed", why)
    async with dial() as caller:
        await caller.press("1")
        await caller.comes_to("menu")
