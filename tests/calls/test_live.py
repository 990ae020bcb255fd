"""Changes to a live hotline: calls in progress keep what they began with, the next have the new."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ivr.phone import Phone
from tests.calls.hotline import Caller, Hotline, new_number, until
from tests.stage import ROOT, furnish

FLOW = """
flow: hotline
languages: [en]
speeds: [100%]
start: menu
anywhere: {0: agent}
nodes:
  menu: {menu: choose, keys: {1: one, 2: two}, otherwise: agent}
  one: {say: that_was_one, go: bye}
  two: {say: that_was_two, go: bye}
  agent: {queue: front_desk, longest: 60s, answered: bye, unanswered: bye}
  bye: hangup
"""
SWAPPED = FLOW.replace("1: one, 2: two", "1: two, 2: one")
DEAD_END = FLOW.replace("that_was_one, go: bye", "that_was_one, go: menu")
WRONG = FLOW.replace("1: one", "1: oen")
PROMPTS = """
choose: {en: 'For one, press one. For two, press two. For an agent, press zero.'}
that_was_one: {en: That was one.}
that_was_two: {en: That was two.}
wrong_key: {en: Wrong.}
nothing_heard: {en: Nothing.}
apology: {en: We are sorry.}
"""


class Live:
    """A hotline whose flow is changed while it runs."""

    def __init__(self, hotline: Hotline) -> None:
        self.hotline = hotline
        self.flow = hotline.home / "flows/hotline.yaml"

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


@contextmanager
def a_live_one(home: Path, *options: str) -> Iterator[Live]:
    """A hotline with a small flow of its own, which its author can change."""
    places = {name: home / name for name in ("flows", "prompts")}
    for place in places.values():
        place.mkdir()
    (places["flows"] / "hotline.yaml").write_text(FLOW)
    shutil.copy(ROOT / "flows" / "hours.yaml", places["flows"])
    (places["prompts"] / "hotline.yaml").write_text(PROMPTS)
    furnish(home)
    settings = {name: str(place) for name, place in places.items()}
    settings |= {name: str(home / f"{name}.yaml") for name in ("desks", "agents")}
    with Hotline(home, **settings).running(*options) as hotline:
        yield Live(hotline)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One whose flow is published; each test leaves the version that leads calls as it was."""
    with a_live_one(tmp_path_factory.mktemp("live")) as running:
        done = running.hotline.ivr("publish", "-m", "as it was")
        assert done.returncode == 0, done.stderr
        yield running


@pytest.mark.timeout(180)
async def test_a_publish_lands_while_a_call_goes_on_and_is_taken_back(live: Live) -> None:
    old = (await live.versions())["serves"]
    async with live.dial() as first:
        await first.comes_to("menu")
        live.flow.write_text(SWAPPED)
        publishing = asyncio.create_task(live.ivr("publish", "-m", "the keys are swapped"))

        async def taken() -> bool:
            return bool((await live.versions())["serves"] != old)

        await until(taken)
        await publishing
        async with live.dial("1") as second:
            new = await second.comes_to("two")
        await first.press("1")  # in the menu she was in all the while
        record = await first.comes_to("one")
    assert record["version"] == old != new["version"]
    assert f"new calls are led by {old}" in await live.ivr("rollback")
    async with live.dial("1") as third:
        record = await third.comes_to("one")
    assert record["version"] == old


@pytest.mark.timeout(120)
async def test_a_restart_builds_what_the_new_controllers_say(live: Live) -> None:
    """After an upgrade prompts and recordings may be others, whose sounds are not there yet."""
    shutil.rmtree(live.hotline.home / "prompts" / "built")
    assert "calls go on" in await live.ivr("restart")
    async with live.dial() as caller:
        await caller.press("1")
        await until(lambda: caller.has_heard("that_was_one", 1))


@pytest.mark.timeout(300)
async def test_a_canary_that_callers_hang_up_on_is_withdrawn_while_calls_run(live: Live) -> None:
    stable = (await live.versions())["serves"]
    live.flow.write_text(DEAD_END)
    await live.ivr("publish", "-m", "nobody gets anywhere", "--canary", "50%")
    canary = (await live.versions())["canary"]
    led: list[str] = []

    async def a_caller() -> None:
        """She chooses one; when that leads nowhere, she gives up."""
        async with live.dial("1") as caller:
            record = await until(caller.record)
            led.append(record["version"])
            if record["version"] == canary:
                await caller.comes_to("menu")
            else:
                await caller.story(within=30)

    async with live.dial() as patient:
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
    with a_live_one(tmp_path, "--watch") as live:
        first = (await live.versions())["serves"]
        assert first.endswith("-draft")
        live.flow.write_text(WRONG)
        await _shown(live.hotline, "did you mean 'one'?", "nothing changes")
        live.flow.write_text("")  # an editor that was killed
        await _shown(live.hotline, "the file is empty")
        async with live.dial("1") as caller:
            record = await caller.comes_to("one")
        assert record["version"] == first
        aside = live.flow.with_suffix(".new")
        aside.write_text(SWAPPED)
        aside.rename(live.flow)

        async def taken() -> bool:
            return bool((await live.versions())["serves"] != first)

        await until(taken)
        async with live.dial("1") as caller:
            record = await caller.comes_to("two")
        assert record["version"] == (await live.versions())["serves"]
        assert "--watch" in await live.ivr("publish", "-m", "not for this hotline")


async def _shown(hotline: Hotline, *texts: str) -> None:
    """Wait until the screen of `ivr up` shows these words."""

    async def there() -> bool:
        shown = hotline.output.read_text()
        return all(text in shown for text in texts)

    await until(there)
