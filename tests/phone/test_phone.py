"""Two phones call each other over loopback; no switch is needed."""

from __future__ import annotations

import asyncio
import itertools
import socket
import wave
from pathlib import Path

import pytest

pytest.importorskip("pjsua2")

from ivr.errors import IvrError
from ivr.phone import Phone
from tests import ears
from tests.phone.lines import joined
from tests.ports import free_port


async def test_each_hears_the_tone_of_the_other(tmp_path: Path) -> None:
    async with joined(tmp_path) as (placed, taken):
        await asyncio.sleep(1.5)
        await placed.hang_up()
        await taken.ended(within=2)
    heard_there, heard_here = tmp_path / "callee-hears.wav", tmp_path / "caller-hears.wav"
    assert ears.tone_level(heard_there, 440, 0.3, 1.3) == pytest.approx(-6, abs=1)
    assert ears.tone_level(heard_there, 1000, 0.3, 1.3) < -40
    assert ears.tone_level(heard_here, 1000, 0.3, 1.3) == pytest.approx(-6, abs=1)
    assert ears.tone_level(heard_here, 440, 0.3, 1.3) < -40


async def test_the_recording_lasts_as_long_as_the_call(tmp_path: Path) -> None:
    async with joined(tmp_path) as (placed, _):
        await asyncio.sleep(1.5)
        await placed.hang_up()
        talked = placed.events[-1].at - (await placed.answered(within=0)).at
    with wave.open(str(tmp_path / "caller-hears.wav")) as heard:
        assert (heard.getframerate(), heard.getsampwidth(), heard.getnchannels()) == (8000, 2, 1)
        assert heard.getnframes() / 8000 == pytest.approx(talked, abs=0.04)


async def test_every_key_arrives_once_and_in_order(tmp_path: Path) -> None:
    async with joined(tmp_path) as (placed, taken):
        pressed = await placed.press("112233*#09AbCD", gap=0.06)
        await taken.heard("112233*#09ABCD", within=2)
        assert placed.keys_sent == taken.keys_heard
        gaps = [later.at - sooner.at for sooner, later in itertools.pairwise(pressed)]
        assert min(gaps) > 0.19


async def test_the_place_of_a_key_in_the_recordings_is_exact(tmp_path: Path) -> None:
    """A key takes the place of the tone, so the tone must be missing just where it is said."""
    async with joined(tmp_path) as (placed, taken):
        await asyncio.sleep(1)
        sent = (await placed.press("5"))[0]
        heard = (await taken.heard("5", within=2))[0]
        await asyncio.sleep(0.5)
        await placed.hang_up()
        await taken.ended(within=2)
        answers = [(await call.answered(within=0)).at for call in (placed, taken)]
    assert sent.position == pytest.approx(sent.at - answers[0], abs=0.03)
    assert heard.position == pytest.approx(heard.at - answers[1], abs=0.03)
    assert heard.position is not None
    hole = next(
        place / 100
        for place in range(50, 200)
        if ears.tone_level(tmp_path / "callee-hears.wav", 440, place / 100, place / 100 + 0.02)
        < -12
    )
    assert 0 <= hole - heard.position < 0.2


async def test_what_no_telephone_has_is_no_key(tmp_path: Path) -> None:
    async with joined(tmp_path) as (placed, _):
        with pytest.raises(IvrError, match=r"'e' .* is not a key of a telephone"):
            await placed.press("1e")
        assert placed.keys_sent == ""


async def test_the_caller_may_hang_up(tmp_path: Path) -> None:
    async with joined(tmp_path) as (placed, taken):
        ours = await placed.hang_up()
        theirs = await taken.ended(within=2)
        assert (ours.status, ours.by_far_side) == (200, False)
        assert (theirs.status, theirs.by_far_side) == (200, True)
        assert await placed.hang_up() == ours


async def test_the_callee_may_hang_up(tmp_path: Path) -> None:
    async with joined(tmp_path) as (placed, taken):
        await taken.hang_up()
        assert (await placed.ended(within=2)).by_far_side
        with pytest.raises(IvrError, match="that call has ended"):
            await placed.press("1")


async def test_a_busy_callee_ends_the_call_with_486() -> None:
    async with Phone("1") as caller, Phone("2") as callee:
        placed = await caller.call("2", at=callee.address)
        await callee.reject_next(486)
        assert (await placed.ended(within=2)).status == 486
        with pytest.raises(IvrError, match="was not answered: 486"):
            await placed.answered(within=0)


async def test_an_unanswered_call_rings_until_the_caller_gives_up() -> None:
    async with Phone("1") as caller, Phone("2") as callee:
        placed = await caller.call("2", at=callee.address)
        ringing = await callee.rings(within=2)
        with pytest.raises(IvrError, match=r"no 'answered or ended' .* there was ringing"):
            await placed.answered(within=0.3)
        await placed.hang_up()
        assert (await ringing.ended(within=2)).by_far_side


async def test_nobody_there_ends_the_call_soon() -> None:
    async with Phone("1") as caller:
        placed = await caller.call("2", at=f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}")
        end = await placed.ended(within=6)
        assert (end.status, end.reason) == (408, "nobody replies there")


@pytest.mark.parametrize(
    "number",
    [
        "",
        '"',
        "a,b;c=d",
        "${EXTEN}",
        "$[1+1]",
        "<sip:x@y>",
        "'; drop table calls; --",
        "13800\r\nX-Evil: 1",
        "李雷",
        "%00%0d",
        "7" * 500,
    ],
)
async def test_any_caller_number_arrives_as_it_was_given(number: str) -> None:
    async with Phone(number, display_name='"李", ${x}') as caller, Phone("2") as callee:
        placed = await caller.call("2", at=callee.address)
        taken = await callee.answer_next()
        assert (taken.caller, taken.caller_name) == (number, '"李", ${x}')
        assert taken.headers == {}
        await placed.hang_up()


async def test_ulaw_is_spoken_where_it_is_wished(tmp_path: Path) -> None:
    log = tmp_path / "sip.log"
    async with Phone("1", codecs=["PCMU"], log=log) as caller, Phone("2") as callee:
        placed = await caller.call("2", at=callee.address)
        assert (await placed.ended(within=5)).status == 488  # the other has only alaw
    assert "a=rtpmap:0 PCMU/8000" in log.read_text(errors="replace")
    async with (
        Phone("1", codecs=["PCMU"]) as caller,
        Phone("2", codecs=["PCMA", "PCMU"]) as callee,
    ):
        placed = await caller.call("2", at=callee.address)
        await callee.answer_next()
        await placed.answered(within=5)


async def test_a_codec_that_does_not_exist_is_refused() -> None:
    with pytest.raises(IvrError, match=r"there is no codec 'MP3'; there are .*PCMA"):
        async with Phone("1", codecs=["MP3"]):
            pass


async def test_a_recording_that_cannot_be_written_is_refused_at_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with Phone("1") as caller:
        with pytest.raises(IvrError, match="No such file or directory"):
            await caller.call("2", at="127.0.0.1:9", record=tmp_path / "no" / "where.wav")
    assert "Traceback" not in capfd.readouterr().err


async def test_one_phone_takes_one_call_after_another() -> None:
    async with Phone("1") as caller, Phone("2") as callee:
        for _ in range(3):
            placed = await caller.call("2", at=callee.address)
            taken = await callee.answer_next()
            await taken.hang_up()
            await placed.ended(within=2)
