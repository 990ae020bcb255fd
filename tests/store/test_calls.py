"""The call records, on a real SQLite file."""

import asyncio
import os
import sqlite3
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ivr.flow.record import CallRecord, Heard, KeyPress, Logbook, Step
from ivr.store import database as module
from ivr.store.calls import MOST_AT_ONCE, Calls
from ivr.store.database import Database, StoreError
from tests.records import a_record

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
HOSTILE = "<script>\"';${x}\n\x00\ud800--'); DROP TABLE calls; 你好嘅😀"


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def record(id: str = "1732248000.7", started: datetime = NOON, caller: str = "138") -> CallRecord:
    return a_record(
        id,
        started,
        caller=caller,
        language="yue",
        speed="90%",
        ended=started + timedelta(seconds=31),
        path=(Step(node="welcome", entered=started, left=started + timedelta(seconds=3)),),
        keys=(KeyPress(key="2", at=started + timedelta(seconds=2), node="welcome"),),
        heard=(
            Heard(
                prompt="welcome",
                text="歡迎致電，一百二十三蚊四毫半",
                language="yue",
                speed="90%",
                from_ms=120,
                to_ms=2040,
                finished=False,
                cut_at=3,
                node="welcome",
            ),
        ),
        outcome="hung up by caller",
        why="the caller hung up",
    )


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Calls]:
    database = await Database.open(url(path))
    try:
        yield Calls(database)
    finally:
        await database.close()


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[Calls]:
    async with opened(tmp_path / "calls.db") as ready:
        yield ready


async def test_a_record_comes_back_as_it_was_written(calls: Calls) -> None:
    await calls.write(record())
    assert await calls.find("1732248000.7") == record()
    assert await calls.latest(1) == [record()]


async def test_a_call_that_still_lasts_comes_back_without_an_end(calls: Calls) -> None:
    book = Logbook(id="a", caller="1", called="2", flow="f", version="v", started=NOON)
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


async def test_a_locked_database_is_a_store_error_in_bounded_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DEADLINE", 0.5)
    monkeypatch.setattr(module, "BUSY", 0.3)
    database = await Database.open(url(tmp_path / "calls.db"))
    calls = Calls(database)
    lock = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        told = await asyncio.gather(
            *(calls.write(record(f"c{n}")) for n in range(20)), return_exceptions=True
        )
        assert time.monotonic() - began < 1.5
        assert [type(each) for each in told] == [StoreError] * 20
    finally:
        lock.rollback()
        lock.close()
    await calls.write(record("after"))
    assert [call.id for call in await calls.latest(50)] == ["after"]
    await database.close()


async def test_sqlite_itself_gives_up_on_a_lock_before_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY", 0.2)
    database = await Database.open(url(tmp_path / "calls.db"))
    calls = Calls(database)
    lock = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
    try:
        lock.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="could not be written: database is locked"):
            await calls.write(record())
        assert await calls.latest(5) == []  # reading goes on beside a writer
    finally:
        lock.rollback()
        lock.close()
        await database.close()


async def test_a_table_that_is_gone_is_a_store_error(calls: Calls, tmp_path: Path) -> None:
    thief = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
    thief.execute("DROP TABLE calls")
    thief.close()
    with pytest.raises(StoreError, match="no such table"):
        await calls.write(record(caller="13800138000"))
    with pytest.raises(StoreError, match="could not be read"):
        await calls.latest(1)


async def test_an_error_repeats_neither_values_nor_sql(calls: Calls, tmp_path: Path) -> None:
    thief = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
    thief.execute("DROP TABLE calls")
    thief.close()
    with pytest.raises(StoreError) as told:
        await calls.write(record(caller="13800138000"))
    assert "13800138000" not in str(told.value) and "DELETE" not in str(told.value)


async def test_a_record_spoiled_by_another_hand_is_a_store_error(
    calls: Calls, tmp_path: Path
) -> None:
    await calls.write(record())
    spoiler = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
    spoiler.execute("UPDATE calls SET detail = '{\"path\": 7}'")
    spoiler.close()
    with pytest.raises(StoreError):
        await calls.latest(1)


@pytest.mark.parametrize(
    "bad",
    ["nonsense", "sqlite:///plain.db", "nosuch+driver://x/y", "sqlite+aiosqlite:////no/such/x"],
)
async def test_a_database_that_cannot_be_opened_is_a_store_error(bad: str) -> None:
    with pytest.raises(StoreError, match="could not be opened"):
        await Database.open(bad)


async def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "calls.db").write_text("this is a shopping list, not a database " * 40)
    with pytest.raises(StoreError, match="not a database"):
        await Database.open(url(tmp_path / "calls.db"))


async def test_the_file_is_its_owners_alone_also_when_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    path.touch(0o644)
    path.chmod(0o644)
    async with opened(path) as calls:
        await calls.write(record())
        modes = _modes(tmp_path)
    assert modes == {"calls.db": 0o600, "calls.db-wal": 0o600, "calls.db-shm": 0o600}


async def test_a_fresh_file_is_its_owners_alone(calls: Calls, tmp_path: Path) -> None:
    assert _modes(tmp_path)["calls.db"] == 0o600


async def test_records_outlive_the_one_who_wrote_them(tmp_path: Path) -> None:
    async with opened(tmp_path / "calls.db") as first:
        await first.write(record())
    async with opened(tmp_path / "calls.db") as second:
        assert await second.find("1732248000.7") == record()


async def test_after_close_everything_is_refused(tmp_path: Path) -> None:
    database = await Database.open(url(tmp_path / "calls.db"))
    calls = Calls(database)
    await database.close()
    await database.close()
    with pytest.raises(StoreError, match="closed"):
        await calls.write(record())


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def _modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


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


async def test_nothing_is_written_into_a_file_that_is_gone_and_what_is_put_back_is_gone_on_with(
    calls: Calls, tmp_path: Path
) -> None:
    await calls.write(record("first"))
    aside = tmp_path / "aside"
    aside.mkdir()
    names = [name for name in os.listdir(tmp_path) if name.startswith("calls.db")]
    for name in names:
        (tmp_path / name).rename(aside / name)
    with pytest.raises(StoreError, match="is gone; put it back"):
        await calls.write(record("lost"))
    with pytest.raises(StoreError, match="is gone"):
        await calls.latest(5)
    for name in names:
        (aside / name).rename(tmp_path / name)
    await calls.write(record("second"))
    assert {call.id for call in await calls.latest(5)} == {"first", "second"}


async def test_another_file_in_its_place_is_gone_on_with(calls: Calls, tmp_path: Path) -> None:
    await calls.write(record("first"))
    for name in os.listdir(tmp_path):
        (tmp_path / name).unlink()
    (tmp_path / "calls.db").touch()
    await calls.write(record("second"))
    assert [call.id for call in await calls.latest(5)] == ["second"]
    with closing(sqlite3.connect(tmp_path / "calls.db")) as seen:
        assert seen.execute("SELECT id FROM calls").fetchall() == [("second",)]


async def test_another_file_that_is_locked_at_first_gets_its_tables_later(
    calls: Calls, tmp_path: Path
) -> None:
    for name in os.listdir(tmp_path):
        (tmp_path / name).unlink()
    with closing(sqlite3.connect(tmp_path / "calls.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("CREATE TABLE theirs (id)")
        with pytest.raises(StoreError):
            await calls.write(record("first"))
        other.commit()
    await calls.write(record("second"))
    assert [call.id for call in await calls.latest(5)] == ["second"]


async def test_a_database_that_may_only_be_read_is_read(calls: Calls, tmp_path: Path) -> None:
    await calls.write(record("first"))
    read_only = await Database.open(
        url(tmp_path / "calls.db").replace("///", "///file:") + "?mode=ro&uri=true"
    )
    assert [call.id for call in await Calls(read_only).latest(5)] == ["first"]
    with pytest.raises(StoreError, match="readonly"):
        await Calls(read_only).write(record("second"))
    await read_only.close()
