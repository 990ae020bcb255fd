"""A caller's waits told to the ledger, and whether there is a place for her at the desk."""

import asyncio
from datetime import UTC, datetime
from logging import getLogger

from ivr.desk.ledger import Ledger, Sums
from ivr.desk.tally import Tally
from ivr.flow.effects import Enqueue, Queued
from ivr.flow.services import Missing
from ivr.line.ports import Around
from ivr.line.script import ScriptLine
from ivr.line.world import World
from tests import stage

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def tally(ledger: Ledger, caller: str, capacity: int = 0) -> Tally:
    return Tally(ledger, caller, lambda: NOW, lambda desk: {"desk": capacity}.get(desk, 0))


def joins(ledger: Ledger, caller: str, line: str) -> None:
    ledger.apply({"Event": "QueueCallerJoin", "Queue": line, "Uniqueid": caller}, NOW)


def test_a_desk_without_a_capacity_has_a_place_for_anybody() -> None:
    ledger = Ledger(["desk"])
    assert all(tally(ledger, str(n)).begin("desk") for n in range(100))


def test_places_are_counted_over_all_lines_of_a_desk_and_of_no_other() -> None:
    ledger = Ledger(["desk", "other"])
    joins(ledger, "1.1", "desk+yue")
    joins(ledger, "1.2", "other")
    assert tally(ledger, "1.3", 2).begin("desk")
    assert not tally(ledger, "1.4", 2).begin("desk")


def test_one_who_waits_again_takes_no_second_place() -> None:
    ledger = Ledger(["desk"])
    assert tally(ledger, "1.1", 1).begin("desk")
    assert tally(ledger, "1.1", 1).begin("desk")


async def test_one_for_whom_no_place_is_left_is_not_queued_and_has_overflowed() -> None:
    ledger = Ledger(["desk"])
    joins(ledger, "1.1", "desk")
    log, hers = getLogger(__name__), tally(ledger, "1.2", 1)
    enqueue = Enqueue(queue="desk", longest=60.0, language="en", path=())
    async with (
        asyncio.timeout(5),
        World(
            ScriptLine(queued=Queued("answered", "1001")),
            stage.Ledger(Missing()),
            log,
            around=Around(tally=hers),
        ) as world,
    ):
        assert await world.perform(enqueue) == Queued("full")
    assert ledger.sums()["desk"] == Sums(offered=2, overflowed=1, still_there=1)
