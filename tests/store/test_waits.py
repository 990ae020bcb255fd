"""The waits of calls in the database: written with the record, read for the figures."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.desk.ledger import Fate
from ivr.flow.record import Asked, CallRecord
from ivr.store import waits as module
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.waits import TooMany, Waits
from tests.store.given import NOON, record


def waited(id: str, seconds: int, outcome: str = "answered") -> CallRecord:
    queue = {"what": "queue", "of": "front_desk", "outcome": outcome, "node": "queue"}
    asked = Asked.model_validate(queue | {"from": 0, "to": seconds * 1000})
    return record(id).model_copy(update={"asked": (asked,)})


async def keep(database: Database, id: str, seconds: int, outcome: str = "answered") -> None:
    await Calls(database).write(waited(id, seconds, outcome))


async def test_waits_are_kept_with_the_record_of_their_call(database: Database) -> None:
    await keep(database, "c.1", 12)
    (wait,) = await Waits(database).between(NOON, NOON + timedelta(seconds=1))
    assert (wait.call, wait.caller, wait.desk) == ("c.1", "138", "front_desk")
    assert (wait.waited, wait.fate, wait.began) == (12, Fate.ANSWERED, NOON.astimezone(UTC))
    assert (
        await Waits(database).between(NOON + timedelta(seconds=1), datetime.max.replace(tzinfo=UTC))
        == []
    )


async def test_a_record_written_twice_has_its_waits_once(database: Database) -> None:
    await keep(database, "c.1", 12)
    await keep(database, "c.1", 13)
    (wait,) = await Waits(database).between(NOON, NOON + timedelta(days=1))
    assert wait.waited == 13


async def test_a_call_has_its_waits_once_it_is_over_however_often_that_is_written(
    database: Database,
) -> None:
    calls, over = Calls(database), waited("c.1", 12)
    assert await calls.begin(record("c.1").model_copy(update={"ended": None}))
    await calls.write(over.model_copy(update={"ended": None}))
    assert await Waits(database).between(NOON, NOON + timedelta(days=1)) == []
    for _ in range(2):
        await calls.write(over)
        (wait,) = await Waits(database).between(NOON, NOON + timedelta(days=1))
        assert wait.waited == 12
        assert await calls.latest(2) == [over]
    await calls.close_left(["c.1"], "failed", "why", NOON)
    assert await calls.find("c.1") == over


async def test_service_levels_are_counted_by_the_database(database: Database) -> None:
    for n, seconds in enumerate((10, 18, 25, 40)):
        await keep(database, f"c.{n}", seconds)
    await keep(database, "c.9", 3, "unanswered")
    assert await Waits(database).levels(NOON) == {"front_desk": {15: 0.2, 20: 0.4, 30: 0.6}}
    assert await Waits(database).levels(NOON + timedelta(days=1)) == {}


async def test_more_than_can_be_counted_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    await keep(database, "c.1", 1)
    await keep(database, "c.2", 1)
    with pytest.raises(TooMany, match="more than 1 waits"):
        await Waits(database).between(NOON, NOON + timedelta(days=1))


async def test_the_newest_at_a_desk_are_read_in_their_order(database: Database) -> None:
    for n, seconds in enumerate((10, 18, 25)):
        await keep(database, f"c.{n}", seconds)
    assert len(await Waits(database).newest("front_desk", 2, NOON)) == 2
    assert await Waits(database).newest("roaming", 2, NOON) == []
    assert await Waits(database).newest("front_desk", 2, NOON + timedelta(seconds=1)) == []
