"""What is known of callers, deleted: on a real SQLite file, whose bytes are looked at."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.desk.agenda import Booking, State
from ivr.flow.record import Asked, CallRecord, Step
from ivr.flow.talk import Choice
from ivr.past.tellings import Telling
from ivr.store import forgetting
from ivr.store.attempts import Attempts
from ivr.store.bookings import Bookings
from ivr.store.callers import Callers
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.forgetting import Forgetting
from ivr.store.marks import Marks
from ivr.store.tellings import Tellings
from ivr.store.waits import Waits
from tests.records.given import a_record

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HER, OTHER = "13912345678", "13787654321"


def record(id: str, caller: str, began: datetime, is_over: bool = True) -> CallRecord:
    return a_record(
        id,
        began,
        caller=caller,
        ended=began + timedelta(minutes=1) if is_over else None,
        path=(Step(node="welcome", entered=began, left=None),),
        asked=(Asked(what="queue", of="desk", outcome="answered", from_ms=5, to_ms=9, node="q"),),
        outcome="answered" if is_over else "",
    )


async def waits(database: Database) -> list[str]:
    found = await Waits(database).between(NOON - 999 * DAY, NOON + 999 * DAY)
    return sorted(wait.call for wait in found)


async def tellings(database: Database) -> list[str]:
    found = await Tellings(database).between(NOON - 999 * DAY, NOON + 999 * DAY)
    return sorted(telling.call for telling in found)


async def test_what_is_over_goes_whole_and_the_rest_stays(database: Database) -> None:
    calls = Calls(database)
    for id, began in (("1.0", NOON - 9 * DAY), ("1.0-2", NOON - 9 * DAY), ("2.0", NOON)):
        await calls.write(record(id, HER, began))
        await Tellings(database).keep([Telling(id, "desk", 1, 60.0, 50.0, began)])
    await calls.begin(record("0.9", HER, NOON - 20 * DAY, is_over=False))
    gone = await Forgetting(database).over(NOON - 2 * DAY)
    assert sorted(gone) == ["0.9", "1.0", "1.0-2"]
    assert [call.id for call in await calls.latest(10)] == ["2.0"]
    assert await waits(database) == ["2.0"]
    assert "1.0" not in await tellings(database)
    assert await Forgetting(database).over(NOON - 2 * DAY) == []


async def test_a_great_many_go_a_few_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 3)
    for n in range(7):
        await Calls(database).write(record(f"{n}.0", HER, NOON - 9 * DAY))
    counts = [len(await Forgetting(database).over(NOON)) for _ in range(4)]
    assert counts == [3, 3, 1, 0]


async def test_of_a_number_nothing_is_left_in_the_file(database: Database, tmp_path: Path) -> None:
    calls, bookings = Calls(database), Bookings(database)
    for number, id in ((HER, "1.0"), (OTHER, "2.0")):
        await calls.write(record(id, number, NOON))
        await Callers(database, 90 * DAY).remember(number, Choice("yue", 75), NOON)
        booking = Booking(id, number, "desk", "yue", NOON, NOON + DAY, 1)
        kept = await bookings.keep(booking)
        await bookings.done(kept.id, NOON)
    assert await held(tmp_path, HER)
    gone = await Forgetting(database).of(HER)
    assert (list(gone.calls), gone.promises, gone.still_promised) == (["1.0"], 1, 0)
    await database.compact()
    assert not await held(tmp_path, HER)
    assert await held(tmp_path, OTHER)
    assert [call.id for call in await calls.latest(10)] == ["2.0"]
    assert await waits(database) == ["2.0"]
    left = await bookings.listed(list(State))
    assert [booking.number for booking in left] == [OTHER]


async def test_a_promise_that_is_still_to_be_kept_stays(database: Database) -> None:
    bookings = Bookings(database)
    open_ = await bookings.keep(Booking("1.0", HER, "desk", "yue", NOON, NOON + DAY, 1))
    done = await bookings.keep(replace(open_, call="2.0", desk="other", id=0))
    await bookings.done(done.id, NOON)
    gone = await Forgetting(database).of(HER)
    assert (gone.promises, gone.still_promised) == (1, 1)
    assert [booking.id for booking in await bookings.listed(list(State))] == [open_.id]
    assert await Attempts(database).of(done.id) == []
    assert await Marks(database).between(NOON - DAY, NOON + DAY) == []


async def held(folder: Path, number: str) -> bool:
    def read() -> bool:
        return any(number.encode() in file.read_bytes() for file in folder.iterdir())

    return await asyncio.to_thread(read)
