"""The call records, on a real SQLite file."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.flow.logbook import Logbook
from ivr.store.calls import MOST_AT_ONCE, Calls
from tests.records.given import a_record
from tests.store.given import HOSTILE, NOON, opened, record


async def test_a_record_comes_back_as_it_was_written(calls: Calls) -> None:
    await calls.write(record())
    assert await calls.find("1732248000.7") == record()
    assert await calls.latest(1) == [record()]


async def test_a_call_that_still_lasts_comes_back_without_an_end(calls: Calls) -> None:
    book = Logbook(a_record("a", NOON))
    await calls.write(book.so_far())
    assert await calls.find("a") == book.so_far()
    await calls.write(book.closed("answered", "done", NOON))
    (only,) = await calls.latest(10)
    assert (only.outcome, only.ended) == ("answered", NOON)


async def test_an_unknown_id_is_none(calls: Calls) -> None:
    assert await calls.find("nobody") is None


async def test_times_are_stored_in_utc(calls: Calls, tmp_path: Path) -> None:
    await calls.write(record())
    (kept,) = _rows(tmp_path / "calls.db", "SELECT started FROM calls")
    assert kept == ("2026-11-22 04:00:00.123456",)
    found = await calls.find("1732248000.7")
    assert found is not None and found.started.tzinfo is UTC


async def test_writing_twice_keeps_one_record_the_later(calls: Calls) -> None:
    await calls.write(record(caller="first"))
    await calls.write(record(caller="second"))
    assert [call.caller for call in await calls.latest(10)] == ["second"]


async def test_the_newest_come_first_and_the_limit_holds(calls: Calls) -> None:
    for minute in (2, 0, 4, 1, 3):
        await calls.write(record(f"c{minute}", NOON + timedelta(minutes=minute)))
    assert [call.id for call in await calls.latest(3)] == ["c4", "c3", "c2"]
    older = await calls.latest(3, before=NOON + timedelta(minutes=2))
    assert [call.id for call in older] == ["c1", "c0"]


async def test_order_follows_the_moment_not_the_clock_on_the_wall(calls: Calls) -> None:
    await calls.write(record("hong-kong", NOON))
    await calls.write(record("london", datetime(2026, 11, 22, 5, 0, tzinfo=UTC)))
    assert [call.id for call in await calls.latest(2)] == ["london", "hong-kong"]


@pytest.mark.parametrize("limit", [0, -1, 1001])
async def test_a_limit_out_of_range_is_refused(calls: Calls, limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        await calls.latest(limit)


async def test_unusual_characters_survive_and_unstorable_ones_are_replaced(calls: Calls) -> None:
    await calls.write(record(caller=HOSTILE))
    (found,) = await calls.latest(1)
    assert found.caller == HOSTILE.translate(dict.fromkeys((0, 10, 0xD800), "\ufffd"))


async def test_chinese_is_readable_in_the_database(calls: Calls, tmp_path: Path) -> None:
    await calls.write(record())
    (kept,) = _rows(tmp_path / "calls.db", "SELECT detail FROM calls")
    assert "一百二十三蚊四毫半" in str(kept[0])


async def test_two_hundred_calls_that_end_at_once_are_all_kept(
    calls: Calls, tmp_path: Path
) -> None:
    async with opened(tmp_path / "calls.db") as other:
        await asyncio.gather(*((calls, other)[n % 2].write(record(f"c{n}")) for n in range(200)))
        assert {call.id for call in await other.latest(1000)} == {f"c{n}" for n in range(200)}


async def test_one_id_written_at_once_from_two_sides_is_one_record(
    calls: Calls, tmp_path: Path
) -> None:
    async with opened(tmp_path / "calls.db") as other:
        await asyncio.gather(*((calls, other)[n % 2].write(record()) for n in range(20)))
        assert await calls.latest(10) == [record()]


async def test_records_outlive_the_one_who_wrote_them(tmp_path: Path) -> None:
    async with opened(tmp_path / "calls.db") as first:
        await first.write(record())
    async with opened(tmp_path / "calls.db") as second:
        assert await second.find("1732248000.7") == record()


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


async def test_a_call_begins_once_and_what_never_ended_is_closed(calls: Calls) -> None:
    begun = record().model_copy(update={"ended": None, "outcome": "", "why": ""})
    assert await calls.begin(begun)
    assert not await calls.begin(record(caller="a stranger"))
    assert await calls.find(begun.id) == begun
    await calls.write(record("over"))
    assert await calls.open() == [begun.id]
    assert await calls.close_left(["another"], "failed", "", NOON) == 0
    ids = [begun.id, "over", *map(str, range(2 * MOST_AT_ONCE))]
    assert await calls.close_left(ids, "failed", "the controller died", NOON) == 1
    assert await calls.open() == []
    closed = await calls.find(begun.id)
    assert closed and (closed.outcome, closed.ended) == ("failed", NOON)
    assert await calls.find("over") == record("over")


async def test_calls_since_a_moment_come_oldest_first_and_each_once(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.store.calls.MOST", 3)
    for index in range(10):  # two begin at the same moment
        await calls.write(record(f"c.{index}", NOON + timedelta(minutes=index // 2)))
    pages = [page async for page in calls.since(NOON + timedelta(minutes=1))]
    assert [[each.id for each in page] for page in pages] == [
        ["c.2", "c.3", "c.4"],
        ["c.5", "c.6", "c.7"],
        ["c.8", "c.9"],
    ]


async def test_the_calls_of_each_version_are_counted(calls: Calls) -> None:
    for number, version in enumerate(["3f2a", "3f2a", "9c41"]):
        await calls.write(record(f"c{number}").model_copy(update={"version": version}))
    assert await calls.by_version() == {"3f2a": 2, "9c41": 1}
