"""Changes to a live hotline: calls in progress keep what they began with, the next have the new."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.phone import Phone
from tests.calls.hotline import Caller, Hotline, flows, is_well, new_number, nodes, until

# The menu of the shipped flow, with a key that ends the call after a word of thanks.
KEYS, SHORT = "keys: {1: balance, 2: message}", "keys: {1: balance, 2: message, 3: thanks}"
SWAPPED = "keys: {1: message, 2: balance, 3: thanks}"
DEAD_END = "keys: {1: menu, 2: menu, 3: menu}"


class Live:
    """A hotline whose flow is changed while it runs."""

    def __init__(self, hotline: Hotline) -> None:
        self.hotline = hotline
        self.flow = hotline.home / "flows/hotline.yaml"

    def change(self, old: str, new: str) -> None:
        text = self.flow.read_text()
        assert old in text
        self.flow.write_text(text.replace(old, new))

    async def ivr(self, *words: str) -> str:
        done = await asyncio.to_thread(self.hotline.ivr, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def versions(self) -> dict[str, Any]:
        said: dict[str, Any] = await self.hotline.get("/api/versions")
        return said

    @asynccontextmanager
    async def dial(self, keys: str = "") -> AsyncIterator[Caller]:
        """A caller who dials, and has typed ahead."""
        number = new_number()
        wav = self.hotline.home / f"{number}.wav"
        async with Phone(number) as phone:
            call = await phone.call("10086", self.hotline.sip, record=wav)
            await call.answered(within=10)
            caller = Caller(self.hotline, number, phone, call, wav)
            if keys:
                await call.press(keys, gap=0.05)
            yield caller
            await call.hang_up()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    shorter = flows(tmp_path, (KEYS, SHORT))
    with Hotline(tmp_path, flows=str(shorter), remember_callers="0d").running() as hotline:
        yield Live(hotline)


@pytest.mark.timeout(180)
async def test_a_publish_lands_while_a_call_goes_on_and_is_taken_back(live: Live) -> None:
    await live.ivr("publish", "-m", "as it was")
    old = (await live.versions())["serves"]
    async with live.dial("1") as first:
        await first.comes_to("menu")
        live.change(SHORT, SWAPPED)
        publishing = asyncio.create_task(live.ivr("publish", "-m", "the keys are swapped"))

        async def taken() -> bool:
            return bool((await live.versions())["serves"] != old)

        await until(taken)
        now = time.time()
        await publishing
        assert now - _last_decided(live.hotline) < 1.0
        async with live.dial("11") as second:
            record = await second.comes_to("message")
        new = record["version"]
        assert new != old
        await first.press("1")  # in the menu she was in all the while
        record = await first.comes_to("which_number")
        assert record["version"] == old
    assert f"new calls are led by {old}" in await live.ivr("rollback")
    async with live.dial("11") as third:
        record = await third.comes_to("which_number")
    assert record["version"] == old


def _last_decided(hotline: Hotline) -> float:
    """Return the second of the newest decision about versions."""
    with sqlite3.connect(hotline.state / "calls.db") as database:
        (at,) = database.execute("select at from history order by number desc limit 1").fetchone()
    return datetime.fromisoformat(f"{at}+00:00").timestamp()


@pytest.mark.timeout(300)
async def test_a_canary_that_callers_hang_up_on_is_withdrawn_while_calls_run(live: Live) -> None:
    await live.ivr("publish", "-m", "as it was")
    stable = (await live.versions())["serves"]
    live.change(SHORT, DEAD_END)
    await live.ivr("publish", "-m", "nobody gets anywhere", "--canary", "50%")
    canary = (await live.versions())["canary"]
    led: list[str] = []

    async def a_caller() -> None:
        """She wants the thanks, and gives up when she hears the menu again."""
        async with live.dial("13") as caller:
            record = await until(caller.record)
            led.append(record["version"])
            if record["version"] == canary:
                await caller.comes_to("menu")
            else:
                await caller.story(within=30)

    async with live.dial("1") as patient:
        await patient.comes_to("menu")
        while (await live.versions())["canary"]:
            assert len(led) < 60, led
            await asyncio.gather(*(a_caller() for _ in range(4)))
        before = len(led)
        await asyncio.gather(*(a_caller() for _ in range(4)))
        record = await patient.record()
    assert record and record["ended"] is None
    assert set(led[:before]) == {stable, canary}
    assert set(led[before:]) == {stable}
    listed = await live.ivr("versions")
    assert "withdrawn: " in listed and "callers hung up" in listed
    log = (live.hotline.state / "log/controller.log").read_text()
    assert f"version {canary} is withdrawn: " in log


@pytest.mark.timeout(180)
async def test_a_save_that_is_right_leads_the_next_call_and_one_that_is_wrong_none(
    tmp_path: Path,
) -> None:
    folder = flows(tmp_path, (KEYS, SHORT))
    with Hotline(tmp_path, flows=str(folder), remember_callers="0d").running("--watch") as hotline:
        live = Live(hotline)
        await is_well(hotline)
        first = (await live.versions())["serves"]
        assert first.endswith("-draft")
        live.change(SHORT, SHORT.replace("thanks", "thnks"))
        await _shown(hotline, "did you mean 'thanks'?", "nothing changes")
        async with live.dial("13") as caller:
            record = await caller.story()
            assert (record["version"], nodes(record)[-1]) == (first, "bye")
        live.flow.write_text("")  # an editor that was killed
        await _shown(hotline, "the file is empty")
        live.flow.unlink()
        flows(tmp_path / "again", (KEYS, SWAPPED))
        (tmp_path / "again/flows/hotline.yaml").rename(live.flow)
        saved = time.monotonic()

        async def taken() -> bool:
            return bool((await live.versions())["serves"] != first)

        await until(taken)
        assert time.monotonic() - saved < 3.0
        async with live.dial("11") as caller:
            record = await caller.comes_to("message")
        assert record["version"] == (await live.versions())["serves"]
        assert "--watch" in await live.ivr("publish", "-m", "not for this hotline")


async def _shown(hotline: Hotline, *texts: str) -> None:
    """Wait until the screen of `ivr up` shows these words."""

    async def there() -> bool:
        shown = hotline.output.read_text()
        return all(text in shown for text in texts)

    await until(there)
