"""PostgreSQL killed, hanging and back under real calls: nothing of them is lost or doubled."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.calls.conftest import Dial, dialling
from tests.calls.hotline import Hotline, said, until
from tests.calls.test_faults import AGENTS, DESKS, FLOW, books, log, waits
from tests.postgres import Postgres, lacking, postgres
from tests.stage import ROOT

pytestmark = [pytest.mark.skipif(bool(lacking()), reason=lacking()), pytest.mark.timeout(120)]


@pytest.fixture
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture
def hotline(server: Postgres, tmp_path: Path) -> Iterator[Hotline]:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "front.yaml").write_text(FLOW)
    shutil.copy(ROOT / "flows" / "services.yaml", flows)
    hours = (ROOT / "flows" / "hours.yaml").read_text()
    (flows / "hours.yaml").write_text(hours.replace("09:00-22:00", "00:00-24:00"))
    (tmp_path / "desks.yaml").write_text(DESKS)
    (tmp_path / "agents.yaml").write_text(AGENTS)
    settings = {name: str(tmp_path / f"{name}.yaml") for name in ("desks", "agents")}
    settings |= {"flows": str(flows), "numbers": json.dumps({"10086": "front"})}
    with Hotline(tmp_path, sends="{}", database=server.url, **settings).running() as running:
        yield running


async def written(hotline: Hotline, number: str) -> None:
    """Wait until nothing waits; then her call and her promise are there, once."""

    async def nothing() -> bool:
        return not await waits(hotline)

    await until(nothing, within=15)
    promises: list[dict[str, Any]] = await hotline.get("/api/callbacks")
    assert [each["number"] for each in promises].count(number) == 1
    calls: list[dict[str, Any]] = await hotline.get("/api/calls?limit=50")
    (call,) = [call for call in calls if call["caller"] == number]
    assert call["outcome"] == "abandoned" and said(call)[-1] == "callback_until"


async def test_a_caller_is_promised_what_she_wants_whatever_becomes_of_the_database(
    hotline: Hotline, server: Postgres, tmp_path: Path
) -> None:
    dial: Dial = dialling(hotline, tmp_path)

    async def both() -> bool:
        return await waits(hotline) == ["booking", "call"]

    # What is known of the desk afterwards.
    async with dial() as first:
        await first.press("31")

        async def promised() -> bool:
            return first.number in [each["number"] for each in await hotline.get("/api/callbacks")]

        await until(promised)
    async with dial() as before:
        await before.comes_to("menu")
        await asyncio.to_thread(server.kill)
        # She who is in a call goes on in it.
        await before.press("2")
        number = await books(hotline, dial())
        await until(both)
        await asyncio.to_thread(server.start)
        await before.comes_to("message")
    await written(hotline, number)

    server.signal(signal.SIGSTOP)
    try:
        number = await books(hotline, dial())
        await until(both)
    finally:
        server.signal(signal.SIGCONT)
    await written(hotline, number)
    assert log(hotline, "has now what had to wait")
    assert (await before.story())["outcome"] == "abandoned"
