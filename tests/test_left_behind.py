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


class Journals:
    """What a switch has kept; `taken` are the names of what was taken."""

    def __init__(self, **records: CallRecord) -> None:
        self.kept, self.taken = records, list[str]()

    async def records(self) -> dict[str, CallRecord]:
        return self.kept

    def take_away(self, name: str) -> None:
        self.taken.append(name)


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

    left = LeftBehind(
        calls, channels, led.__contains__, Journals(), lambda: NOON + timedelta(minutes=1)
    )
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


async def test_what_the_switch_has_kept_of_a_call_is_written_down_once(calls: Calls) -> None:
    async def channels() -> set[str]:
        return set()

    over = begun("1.1").model_copy(update={"outcome": "abandoned", "ended": NOON})
    led = begun("1.3").model_copy(update={"outcome": "abandoned", "ended": NOON})
    journals = Journals(**{"1.1-1": over, "1.2-1": over.model_copy(update={"id": "1.2"})})
    journals.kept["1.3-1"] = led
    left = LeftBehind(calls, channels, lambda id: False, journals, lambda: NOON)
    assert await calls.begin(begun("1.1"))
    await calls.write(led.model_copy(update={"outcome": "finished"}))
    await left.find()
    await left.look()
    assert await calls.open() == []
    found = [await calls.find(id) for id in ("1.1", "1.2", "1.3")]
    assert [one and one.outcome for one in found] == ["abandoned", "abandoned", "finished"]
    assert journals.taken == ["1.1-1", "1.2-1", "1.3-1"]
