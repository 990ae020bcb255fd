"""The link between controller and switch: cut, silent, flooded. The picture is true or says it is
not, and no call notices anything."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ivr.desk.watch import SILENCE
from tests import ears
from tests.calls.conftest import dialling, shorter
from tests.calls.hotline import Caller, Hotline, is_well, nodes, until
from tests.calls.relay import Relay, relayed
from tests.calls.test_desk import on_duty
from tests.calls.test_transfer import hears

pytestmark = pytest.mark.timeout(120)

FRAMES = 40_000
# Times are shown in milliseconds.
A_MOMENT = timedelta(milliseconds=1)


class Shown:
    """What the operators' API shows, asked all the time."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline

    async def old_since(self) -> datetime | None:
        """Return since when it says it is old; None while it says that it is live."""
        since = (await self._hotline.get("/api/desks"))["stale_since"]
        return datetime.fromisoformat(since) if since else None

    async def becomes(self, waiting: int, agent: str = "talking") -> None:
        """Wait until it is live and shows who waits at the front desk, and what 1001 does."""

        async def so() -> bool:
            shown: dict[str, Any] = await self._hotline.get("/api/desks")
            waits = next(d["waiting"] for d in shown["desks"] if d["name"] == "front_desk")
            does = next(a["state"] for a in shown["agents"] if a["number"] == "1001")
            return (shown["stale_since"], waits, does) == (None, waiting, agent)

        # Not by the list that is asked for each half minute, whatever happens.
        await until(so, within=10)


def memory(pid: int) -> int:
    """Return how many bytes a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


async def passed(caller: Caller, node: str) -> bool:
    """Tell whether she has come to a node."""
    return node in nodes(await caller.record() or {"path": ()})


async def silent(relay: Relay, shown: Shown, change: Callable[[], Awaitable[Any]]) -> None:
    """Let the line be silent until the picture says that it is old, and since when."""
    relay.freeze()
    await change()
    since = await until(shown.old_since)
    seen = datetime.now(UTC)
    assert relay.forwarded - A_MOMENT < since < seen - SILENCE


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
        await shown.becomes(waiting=1)

        for links in range(relay.links + 1, relay.links + 4):
            relay.cut()
            await relay.linked(links)
            await shown.becomes(waiting=1)
            assert relay.links == links
        log = (hotline.state / "log" / "controller.log").read_text()
        waits = [float(wait) for wait in re.findall(r"next attempt within (\S+) s", log)]
        assert len(waits) >= 3 and max(waits) <= 1

        # She hangs up in the silence, which is told before the link is given up for it.
        await silent(relay, shown, waiting.call.hang_up)
        relay.thaw()
        await shown.becomes(waiting=0)
        assert relay.links == links
        # Another does in one so long that the link is given up.
        async with dial() as another:
            await another.press("10")
            await another.comes_to("queue")
            await shown.becomes(waiting=1)
            await silent(relay, shown, another.call.hang_up)
            await relay.linked(links + 1)
            assert await shown.old_since()
            relay.thaw()
            await shown.becomes(waiting=0)

        pid = (await hotline.get("/healthz"))["parts"]["controller"]["pid"]
        before = memory(pid)
        async with dial() as walking:
            await walking.press("1")
            await walking.comes_to("menu")
            async with relay.flooding(FRAMES):
                await walking.press("3")
                await until(partial(passed, walking, "plans"))
            await shown.becomes(waiting=0)
        assert memory(pid) - before < 40_000_000
        assert (await hotline.get("/healthz"))["parts"]["controller"]["pid"] == pid
        assert not [event for event in taken.events if event.name == "ended"]
        end = ears.duration(talking.wav)
        assert ears.tone_level(talking.wav, 440, end - 1, end) > -25
        await taken.hang_up()
        await is_well(hotline)
