"""The call records where the database is locked, gone, spoiled, or not its owner's alone."""

import asyncio
import os
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest

from ivr.store import database as module
from ivr.store.calls import Calls
from ivr.store.database import Database, StoreError
from tests.store.given import opened, record, url


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
            *(calls.write(record(f"c{n}")) for n in range(100)), return_exceptions=True
        )
        # One after the other they would take half a minute.
        assert time.monotonic() - began < 10
        assert [type(each) for each in told] == [StoreError] * 100
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


async def test_after_close_everything_is_refused(tmp_path: Path) -> None:
    database = await Database.open(url(tmp_path / "calls.db"))
    calls = Calls(database)
    await database.close()
    await database.close()
    with pytest.raises(StoreError, match="closed"):
        await calls.write(record())


def _modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


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
