"""Passing a caller on: to a desk and to another agent; her place, her story, and the way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ivr.phone import Call, Phone
from tests import ears
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, nodes, until
from tests.calls.test_desk import on_duty


async def part(caller: Caller, number: int) -> dict[str, Any]:
    """Wait until a part of her call is over and written down; return its record."""

    async def over() -> dict[str, Any] | None:
        calls = await caller.hotline.get("/api/calls?limit=50")
        mine = [c for c in calls if c["caller"] == caller.number]
        ending = f"-{number}" if number > 1 else mine[0]["id"].partition("-")[0]
        return next((c for c in mine if c["id"].endswith(ending) and c["ended"]), None)

    record: dict[str, Any] = await until(over, within=15)
    return record


async def refer(call: Call, hotline: Hotline, number: str) -> int:
    """Ask to pass a caller on; return the answer; until the two are joined it is 400."""

    async def answer() -> int:
        status = await call.transfer(number, hotline.sip)
        return 0 if status == 400 else status

    status: int = await until(answer)
    return status


async def pass_on(call: Call, hotline: Hotline, number: str) -> None:
    """Pass a caller on as soon as that is possible."""
    assert await refer(call, hotline, number) == 200, call.events
    await call.ended(within=5)


async def hears(wav: Path, hertz: float) -> None:
    """Wait until this tone is the last that was heard."""

    async def now() -> bool:
        try:
            last = ears.duration(wav)
        except EOFError:  # its first samples are not in the file yet
            return False
        return last > 0.4 and ears.tone_level(wav, hertz, last - 0.3, last) > -25

    await until(now, within=10)


class Talk(NamedTuple):
    """A caller and an agent, who hears her, while another one is on duty."""

    caller: Caller
    agent: Phone
    taken: Call
    next_one: Phone
    heard: Path


@asynccontextmanager
async def talking(
    hotline: Hotline, dial: Dial, folder: Path, keys: str, agent: str, next_one: str
) -> AsyncIterator[Talk]:
    """Bring a caller to an agent by these keys; her tone is 1000 Hz, of which `heard` is kept."""
    high, heard = ears.tone(folder / "high.wav", 1000, 60), folder / "agent.wav"
    async with (
        on_duty(hotline, agent) as first,
        on_duty(hotline, next_one) as other,
        dial(play=high) as caller,
    ):
        await caller.press(keys)
        taken = await first.answer_next(within=25, record=heard)
        await hears(heard, 1000)
        yield Talk(caller, first, taken, other, heard)


async def test_a_caller_is_passed_on_to_a_desk_with_her_story(hotline: Hotline, dial: Dial) -> None:
    async with (
        on_duty(hotline, "1001") as first,
        on_duty(hotline, "1004") as next_one,
        dial() as caller,
    ):
        await caller.press("2*0")
        taken = await first.answer_next(within=25)
        assert await refer(taken, hotline, "999") == 404
        assert not [event for event in taken.events if event.name == "ended"]
        await pass_on(taken, hotline, "801")
        passed = await next_one.answer_next(within=25)
        assert passed.caller == caller.number
        assert (passed.headers["X-IVR-From"], passed.headers["X-IVR-Language"]) == ("1001", "yue")
        assert passed.headers["X-IVR-Path"].endswith("queue>desk>connecting>queue")
        assert passed.caller_name.startswith("from 1001 yue")
        await passed.hang_up()
        await caller.call.ended(within=10)
        before, after = await part(caller, 1), await part(caller, 2)
    assert (before["outcome"], before["why"]) == ("answered", "passed on by 1001 to 801")
    assert (after["after"], after["passed_by"]) == (before["id"], "1001")
    assert (after["flow"], after["language"], after["speed"]) == ("roaming_desk", "yue", "90%")
    assert nodes(after) == ["desk", "connecting", "queue", "bye"]
    # How long she talked is no waiting.
    talk = next(asked for asked in before["asked"] if asked["what"] == "queue")
    assert 0 < talk["talked"] <= talk["to"] - talk["from"]


async def test_a_colleague_who_refuses_brings_the_caller_back_and_then_the_front_desk(
    hotline: Hotline, dial: Dial
) -> None:
    async with (
        on_duty(hotline, "1002") as first,
        on_duty(hotline, "1004") as colleague,
        on_duty(hotline, "1005") as next_one,
        dial() as caller,
    ):
        await caller.press("30")
        taken = await first.answer_next(within=25)
        await pass_on(taken, hotline, "1004")
        await colleague.reject_next(486, within=10)
        back = await first.answer_next(within=10)
        assert (back.caller, back.headers["X-IVR-From"]) == (caller.number, "1002")
        # Three in a row keep the story.
        await pass_on(back, hotline, "1004")
        again = await colleague.answer_next(within=10)
        await pass_on(again, hotline, "801")
        third = await next_one.answer_next(within=10)
        assert (third.headers["X-IVR-From"], third.headers["X-IVR-Language"]) == ("1004", "en")
        await caller.call.hang_up()
        await third.ended(within=5)
        whys = [(await part(caller, number))["why"] for number in (1, 2, 3, 4)]
    assert whys[:3] == [
        "passed on by 1002 to 1004",
        "passed on by 1002 to 1004",
        "passed on by 1004 to 801",
    ]
    assert "the caller hung up in 'queue'" in whys[3]
    told = hotline.ivr("explain", (await part(caller, 4))["id"]).stdout
    assert "passed on by 1004, after call" in told


async def test_keys_pass_a_caller_on_and_a_wrong_number_leads_back(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    async with talking(hotline, dial, tmp_path, "10", "1002", "1006") as talk:
        caller, _, taken, next_one, heard = talk
        await taken.press("##")
        await hears(heard, 450)  # the tone that asks for a number
        await taken.press("77")
        await hears(heard, 1000)  # there is no such number: the two are together again
        await taken.press("##")
        await hears(heard, 450)
        await taken.press("801")
        passed = await next_one.answer_next(within=25)
        assert passed.headers["X-IVR-From"] == "1002"
        await passed.hang_up()
        record = await part(caller, 2)
    assert record["outcome"] == "answered"


async def test_an_agent_asks_the_next_one_before_she_passes_the_caller_on(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    low, heard = ears.tone(tmp_path / "low.wav", 440, 60), tmp_path / "next.wav"
    async with talking(hotline, dial, tmp_path, "20", "1003", "1005") as talk:
        caller, first, taken, next_one, _ = talk
        await taken.hold()
        asking = await first.call("801", play=low)
        asked = await next_one.answer_next(within=25, record=heard)
        assert (asked.caller, asked.headers["X-IVR-From"]) == ("1003", "1003")
        assert asked.headers["X-IVR-Language"] == "yue"
        await hears(heard, 440)
        assert await taken.transfer_to(asking) == 200
        await hears(heard, 1000)
        await asked.hang_up()
        record = await part(caller, 1)
    assert record["outcome"] == "answered"
    assert record["why"].endswith("served by 黃詠詩 (1003), who passed her on")


async def test_a_caller_takes_the_place_of_the_agent_who_asked_for_her(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    heard = tmp_path / "next.wav"
    async with talking(hotline, dial, tmp_path, "20", "1003", "1005") as talk:
        caller, first, taken, next_one, _ = talk
        await taken.hold()
        asking = await first.call("801")
        rings = await next_one.rings(within=25)
        assert await taken.transfer_to(asking) == 200
        await rings.answer(record=heard)
        await hears(heard, 1000)
        await rings.hang_up()
        await caller.call.ended(within=10)
        record = await part(caller, 1)
    assert record["why"].endswith("served by 黃詠詩 (1003), who passed her on")


async def test_who_waits_in_an_agents_place_for_nobody_goes_on_in_the_desks_flow(
    hotline: Hotline, dial: Dial
) -> None:
    async with on_duty(hotline, "1003") as first, dial() as caller:
        async with on_duty(hotline, "1005") as next_one:
            await caller.press("20")
            taken = await first.answer_next(within=25)
            asking = await first.call("801")
            await next_one.rings(within=25)
            assert await taken.transfer_to(asking) == 200
        record = await caller.comes_to("book", within=45)
    assert (record["flow"], record["passed_by"]) == ("roaming_desk", "1003")


async def test_by_keys_an_agent_asks_first_and_comes_back_to_her_caller(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    low, low_heard = ears.tone(tmp_path / "low.wav", 620, 60), tmp_path / "next.wav"
    async with talking(hotline, dial, tmp_path, "30", "1002", "1006") as talk:
        caller, _, taken, next_one, heard = talk
        await taken.press("*2")
        await hears(heard, 450)
        await taken.press("801")
        asked = await next_one.answer_next(within=25, play=low)
        assert (asked.headers["X-IVR-From"], asked.headers["X-IVR-Language"]) == ("1002", "en")
        await hears(heard, 620)
        await asked.hang_up()  # the next one has no time: back to the caller
        await hears(heard, 1000)
        await taken.press("*2")
        await hears(heard, 450)
        await taken.press("801")
        again = await next_one.answer_next(within=25, record=low_heard)
        await taken.hang_up()
        await hears(low_heard, 1000)
        await again.hang_up()
        record = await part(caller, 1)
    assert (record["outcome"], nodes(record)[-1]) == ("answered", "bye")
