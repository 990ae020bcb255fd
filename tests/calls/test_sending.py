"""An agent sends her caller to a flow by keys, and gets her back with the result."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from ivr.phone import Call
from tests import ears
from tests.calls import listening
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, is_well, nodes, said, until
from tests.calls.test_desk import on_duty
from tests.calls.test_killed import controllers, ends, stands_by
from tests.calls.test_transfer import hears, part

# A word of half a second that is whispered over music is alike by 0.6, other music by 0.2.
OVER_MUSIC = 0.4

pytestmark = pytest.mark.timeout(120)


async def send(taken: Call, caller: Caller, code: str) -> None:
    """Send her to a flow: dial until she is there, for until the two are joined keys do nothing."""

    async def is_sent() -> bool:
        await taken.press(code)
        record = await caller.record()
        return bool(record and record["called"] == code and not record["ended"])

    await until(is_sent, within=15)


async def hears_no_more(wav: Path, hertz: float) -> None:
    """Wait until this tone is no longer the last that was heard."""

    async def now() -> bool:
        last = ears.duration(wav)
        return ears.tone_level(wav, hertz, last - 0.3, last) < -40

    await until(now, within=10)


async def test_she_proves_who_she_is_and_comes_back_and_the_agent_hears_none_of_it(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    high, low = ears.tone(tmp_path / "high.wav", 1000, 90), ears.tone(tmp_path / "low.wav", 440, 90)
    heard = tmp_path / "agent.wav"
    async with on_duty(hotline, "1002") as agent, dial("13800138000", play=high) as caller:
        await caller.press("30")
        taken = await agent.answer_next(within=25, record=heard, play=low)
        await hears(heard, 1000)
        await send(taken, caller, "*71")
        await hears_no_more(heard, 1000)
        sent = ears.duration(heard)
        await taken.press("*71")  # she is away already: it sends her nowhere
        await caller.press("138000")
        assert await agent.text(within=15) == "13800138000, enter_pin: done (13800138000)"
        back = ears.duration(heard)
        await hears(heard, 1000)
        await hears(caller.wav, 440)
        # Neither heard the other meanwhile, nor a key; the agent heard music, and a word.
        assert ears.tone_level(heard, 1000, sent + 0.2, back) < -40
        assert taken.keys_heard == ""
        (word,) = listening.words("sent_done", "en", {})
        assert listening.hears(listening.sound(word), heard, sent).score > OVER_MUSIC
        record = await part(caller, 2)
        # Once more: she hangs up in the middle of it, and the agent is told.
        await send(taken, caller, "*71")
        await caller.call.hang_up()
        assert "not done (the caller hung up in 'password')" in await agent.text(within=10)
        await taken.ended(within=5)
        assert (await part(caller, 3))["after"] == record["id"]
        first = await part(caller, 1)
    assert (record["flow"], record["after"]) == ("enter_pin", first["id"])
    assert (record["passed_by"], record["language"]) == ("1002", "en")
    assert "138000" not in str(record["keys"])
    assert (nodes(record)[-1], said(record)[-1]) == ("back", "back_to_agent")
    assert first["outcome"] == "answered"


async def test_she_books_a_call_back_and_an_agent_who_hangs_up_meanwhile_leaves_her_led(
    hotline: Hotline, dial: Dial
) -> None:
    async with on_duty(hotline, "1003") as agent, dial("13800138000") as caller:
        await caller.press("20")
        taken = await agent.answer_next(within=25)
        await send(taken, caller, "*48")
        await caller.press("1")
        assert await agent.text(within=25) == "13800138000, book: done"
        booked = await part(caller, 2)
        assert said(booked)[-2:] == ["callback_until", "back_to_agent"]
        await send(taken, caller, "*71")
        await taken.hang_up()
        await caller.press("138000")
        assert "done (13800138000)" in await agent.text(within=15)
        # Her flow goes on behind the queue, as after any talk.
        assert (await part(caller, 3))["outcome"] == "finished"
        before = (await part(caller, 2))["after"]

        async def goes_on() -> bool:
            first = await hotline.get(f"/api/calls/{before}")
            return first["outcome"] == "answered" or nodes(first)[-1] != "queue"

        await until(goes_on)


async def test_a_controller_that_dies_meanwhile_leaves_her_in_the_flow_and_then_with_her_agent(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    high, heard = ears.tone(tmp_path / "high.wav", 1000, 90), tmp_path / "agent.wav"
    async with on_duty(hotline, "1002") as agent, dial("13800138000", play=high) as caller:
        await caller.press("30")
        taken = await agent.answer_next(within=25, record=heard)
        await hears(heard, 1000)
        await send(taken, caller, "*71")
        await hears_no_more(heard, 1000)
        sent = ears.duration(heard)
        await caller.press("138")
        await ends(hotline, signal.SIGKILL)
        await caller.press("000")
        # Half of her password was typed before: the next controller leads her on to its end.
        assert "done (13800138000)" in await agent.text(within=15)
        back = ears.duration(heard)
        await hears(heard, 1000)
        assert ears.tone_level(heard, 1000, sent + 0.2, back) < -40
        # Where none comes she goes back to her agent, who is told that it is not done.
        await send(taken, caller, "*71")
        await hears_no_more(heard, 1000)
        sent = ears.duration(heard)
        await stands_by(hotline)
        hotline.process.send_signal(signal.SIGSTOP)
        try:
            for pid in controllers(hotline):
                os.kill(pid, signal.SIGKILL)
            await hears(heard, 1000)
        finally:
            hotline.process.send_signal(signal.SIGCONT)
        word, *_ = listening.words("sent_not_done", "en", {})
        assert listening.hears(listening.sound(word), heard, sent).score > OVER_MUSIC
        await taken.hang_up()
        # The call is over, also where nobody leads it by then: no apology, no second agent.
        assert (await caller.call.ended(within=12)).by_far_side
    await is_well(hotline)
