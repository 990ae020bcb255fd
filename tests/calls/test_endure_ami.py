"""The link between controller and switch: cut, silent, flooded. The picture is true or says it is
not, and no call notices anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import ears
from tests.calls.conftest import dialling, shorter
from tests.calls.hotline import Caller, Hotline, is_well, nodes, until
from tests.calls.relay import Relay, relayed
from tests.calls.test_desk import on_duty
from tests.calls.test_transfer import hears

pytestmark = pytest.mark.timeout(120)

FRAMES = 40_000
SOON = 2.0


class Shown:
    """What the operators' API shows, asked all the time."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline

    async def picture(self) -> tuple[float, int, str]:
        """Return how old it says it is, who waits at the front desk, and what 1001 does."""
        shown: dict[str, Any] = await self._hotline.get("/api/desks")
        since = shown["stale_since"]
        age = (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds() if since else 0
        waiting = next(d["waiting"] for d in shown["desks"] if d["name"] == "front_desk")
        agent = next(a["state"] for a in shown["agents"] if a["number"] == "1001")
        return age, waiting, agent

    async def becomes(self, waiting: int, agent: str = "talking", within: float = SOON) -> None:
        """Wait until it is live and shows this."""

        async def so() -> bool:
            return await self.picture() == (0, waiting, agent)

        await until(so, within)


def memory(pid: int) -> int:
    """Return how many bytes a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


async def passed(caller: Caller, node: str) -> bool:
    """Tell whether she has come to a node."""
    return node in nodes(await caller.record() or {"path": ()})


async def silent(
    relay: Relay, shown: Shown, seconds: float, change: Callable[[], Awaitable[Any]]
) -> None:
    """Let the line be silent; before the last words are three seconds old they are called old."""
    relay.freeze()
    began = time.monotonic()
    await change()
    while time.monotonic() < began + seconds:
        asked = time.monotonic() - began
        age, *_ = await shown.picture()
        assert asked < 3 or abs(age - asked) < 2, f"{age:.1f} s old after {asked:.1f} s of silence"
        await asyncio.sleep(0.1)
    relay.thaw()


async def test_a_link_cut_silent_or_flooded_leaves_a_true_picture_and_every_call_alone(
    tmp_path: Path,
) -> None:
    home = tmp_path / "hotline"
    running = Hotline(home, **shorter(tmp_path), remember_callers="0d").running()
    hotline = await asyncio.to_thread(running.__enter__)
    try:
        await _endured(hotline, tmp_path)
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


async def _endured(hotline: Hotline, folder: Path) -> None:
    dial, shown = dialling(hotline, folder), Shown(hotline)
    low = ears.tone(folder / "low.wav", 440, 120)
    async with (
        relayed(hotline) as relay,
        on_duty(hotline, "1001") as agent,
        dial() as talking,
        dial() as waiting,
    ):
        await talking.press("10")
        taken = await agent.answer_next(play=low, within=25)
        await hears(talking.wav, 440)
        await waiting.press("10")
        await waiting.comes_to("queue")
        await shown.becomes(waiting=1, within=10)

        for links in range(relay.links + 1, relay.links + 4):
            relay.cut()
            cut = time.monotonic()
            await relay.linked(links)
            await shown.becomes(waiting=1)
            assert time.monotonic() - cut < SOON

        # She hangs up in the silence; then another comes in one so long that the link is given up.
        await silent(relay, shown, 3.5, waiting.call.hang_up)
        await shown.becomes(waiting=0)
        async with dial() as another:
            await another.press("10")
            await another.comes_to("queue")
            await shown.becomes(waiting=1)
            await silent(relay, shown, 7, another.call.hang_up)
            await shown.becomes(waiting=0)

        pid = (await hotline.get("/healthz"))["parts"]["controller"]["pid"]
        before = memory(pid)
        async with dial() as walking:
            await walking.press("1")
            await walking.comes_to("menu")
            flood = asyncio.create_task(relay.flood(FRAMES))
            began = time.monotonic()
            await walking.press("3")
            await until(partial(passed, walking, "plans"), within=SOON)
            lasted = time.monotonic() - began
            await flood
            await shown.becomes(waiting=0)
        assert lasted < SOON
        assert memory(pid) - before < 40_000_000
        assert (await hotline.get("/healthz"))["parts"]["controller"]["pid"] == pid
        assert not [event for event in taken.events if event.name == "ended"]
        end = ears.duration(talking.wav)
        assert ears.tone_level(talking.wav, 440, end - 1, end) > -25
        await taken.hang_up()
        await is_well(hotline)
