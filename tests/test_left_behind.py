"""Calls that a controller has left: none is closed that goes on, and none stays open for ever."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.edition import Edition
from ivr.flow.record import CallRecord
from ivr.left_behind import WHY, LeftBehind
from ivr.services.http import Services
from ivr.store.calls import Calls
from ivr.store.database import Database
from tests.line.switch import Channel, speaking
from tests.records import a_record
from tests.stage import load, path
from tests.test_controller import Always, a_database
from tests.test_resuming import FLOW, dies

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def begun(id: str) -> CallRecord:
    return a_record(id, NOON, version="v", language="en")


class Journals:
    """What a switch has kept; `taken` are the names of what was taken."""

    def __init__(self, **records: CallRecord) -> None:
        self.kept, self.taken = records, list[str]()

    async def records(self) -> dict[str, CallRecord]:
        return self.kept

    def take_away(self, name: str) -> None:
        self.taken.append(name)


class OnSwitch:
    """A switch with these channels, and what their variables hold."""

    def __init__(self) -> None:
        self.there: dict[str, str] = {}
        self.held: dict[str, dict[str, str]] = {}

    async def channels(self) -> dict[str, str]:
        return self.there

    async def variable(self, channel: str, name: str) -> str:
        return self.held.get(channel, {}).get(name, "")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with a_database(tmp_path) as database:
        yield database


@asynccontextmanager
async def a_served(folder: Path) -> AsyncIterator[Always]:
    project = load(FLOW)
    async with Services(project.services) as services, speaking(folder) as speaker:
        yield Always(Edition(project, speaker, services))


async def test_a_record_is_closed_when_its_channel_is_gone_and_nobody_has_led_it_on(
    database: Database, tmp_path: Path
) -> None:
    calls, switch, led = Calls(database), OnSwitch(), set[str]()
    switch.there = {"1.1": "PJSIP/a-1", "1.2": "PJSIP/a-2", "1.3": "PJSIP/a-3"}
    async with a_served(tmp_path) as served:
        left = LeftBehind(
            calls, switch, served, led.__contains__, Journals(), lambda: NOON + timedelta(minutes=1)
        )
        for id in ("1.1", "1.1-2", "1.2", "1.3"):
            assert await calls.begin(begun(id))
        await left.find()
        assert await calls.begin(begun("1.4"))  # one of our own, which may be gone at once
        await left.look()
        assert len(await calls.open()) == 5

        led |= {"1.2"}
        await left.look()
        led.clear()
        switch.there = {"1.3": "PJSIP/a-3"}
        await left.look()
        assert set(await calls.open()) == {"1.2", "1.3", "1.4"}
        closed = await calls.find("1.1-2")
        assert closed is not None
        assert (closed.outcome, closed.why, closed.ended) == ("failed", WHY, left._clock())
        switch.there = {}
        await left.look()
        assert set(await calls.open()) == {"1.2", "1.4"}


@pytest.mark.parametrize("agent", ["", "Li Na"])
@pytest.mark.parametrize("spoilt", [False, True])
async def test_who_hangs_up_in_the_queue_has_her_whole_record(
    database: Database, tmp_path: Path, agent: str, spoilt: bool
) -> None:
    channel = Channel("3", "2")
    await dies(tmp_path, FLOW, channel, "EXEC Queue", 1)
    if spoilt:
        channel.variables["IVR_J1_0"] = "rubbish"
    calls, switch = Calls(database), OnSwitch()
    switch.there = {"1.7": "PJSIP/a-1"}
    switch.held = {"PJSIP/a-1": channel.variables | {"MEMBERNAME": agent}}
    async with a_served(tmp_path) as served:
        left = LeftBehind(calls, switch, served, lambda id: False, Journals())
        await left.find()
        await left.look()
        assert await calls.open() == ["1.7"]
        switch.there = {}
        await left.look()
    record = await calls.find("1.7")
    assert record is not None and record.ended is not None
    if spoilt:
        assert (record.outcome, record.why) == ("failed", WHY)
    else:
        assert path(record) == ["welcome", "menu", "desk"]
        assert record.outcome == ("answered" if agent else "abandoned")


async def test_what_the_switch_has_kept_of_a_call_is_written_down_once(
    database: Database, tmp_path: Path
) -> None:
    calls = Calls(database)
    over = begun("1.1").model_copy(update={"outcome": "abandoned", "ended": NOON})
    journals = Journals(**{"1.1-1": over, "1.2-1": over.model_copy(update={"id": "1.2"})})
    journals.kept["1.3-1"] = over.model_copy(update={"id": "1.3"})
    assert await calls.begin(begun("1.1"))
    await calls.write(over.model_copy(update={"id": "1.3", "outcome": "finished"}))
    async with a_served(tmp_path) as served:
        left = LeftBehind(calls, OnSwitch(), served, lambda id: False, journals)
        await left.find()
        await left.look()
    assert await calls.open() == []
    found = [await calls.find(id) for id in ("1.1", "1.2", "1.3")]
    assert [one and one.outcome for one in found] == ["abandoned", "abandoned", "finished"]
    assert journals.taken == ["1.1-1", "1.2-1", "1.3-1"]
