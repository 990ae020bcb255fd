"""Calls that a controller has left: none is closed that goes on, and none stays open for ever."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.flow.record import CallRecord
from ivr.left_behind import WHY, LeftBehind
from ivr.store.calls import Calls
from tests.test_callbook import a_database

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def begun(id: str) -> CallRecord:
    return CallRecord(
        id=id,
        caller="13800138000",
        called="10086",
        flow="hotline",
        version="v",
        language="en",
        speed="100%",
        started=NOON,
        outcome="",
        why="",
    )


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[Calls]:
    async with a_database(tmp_path) as database:
        yield Calls(database)


async def test_a_record_is_closed_when_its_channel_is_gone_and_nobody_has_led_it_on(
    calls: Calls,
) -> None:
    there, led = {"1.1", "1.2", "1.3"}, set[str]()

    async def channels() -> set[str]:
        return there

    left = LeftBehind(calls, channels, led.__contains__, lambda: NOON + timedelta(minutes=1))
    for id in ("1.1", "1.1-2", "1.2", "1.3"):
        assert await calls.begin(begun(id))
    await left.find()
    assert await calls.begin(begun("1.4"))  # one of our own, which may be gone at once
    await left.look()
    assert len(await calls.open()) == 5

    led |= {"1.2"}
    await left.look()
    led, there = set(), {"1.3"}
    await left.look()
    assert set(await calls.open()) == {"1.2", "1.3", "1.4"}
    closed = await calls.find("1.1-2")
    assert closed is not None
    assert (closed.outcome, closed.why, closed.ended) == ("failed", WHY, left._clock())
    there = set()
    await left.look()
    assert set(await calls.open()) == {"1.2", "1.4"}
