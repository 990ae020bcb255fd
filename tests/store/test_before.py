"""What was promised before promises had attempts is kept all the same."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from ivr.store.before import take_over
from ivr.store.bookings import Bookings
from ivr.store.database import Database

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_promises_of_the_version_before_are_taken_over_once(tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    old = sqlite3.connect(file)
    old.execute(
        "CREATE TABLE bookings (id INTEGER PRIMARY KEY, call TEXT, number TEXT, desk TEXT,"
        " language TEXT, asked DATETIME, promised DATETIME)"
    )
    moments = ("2026-11-22 12:00:00.000000", "2026-11-22 13:00:00.000000")
    old.execute("INSERT INTO bookings VALUES (7, 'c1', '138', 'desk', 'yue', ?, ?)", moments)
    old.commit()
    old.close()
    database = await Database.open(f"sqlite+aiosqlite:///{file}")
    assert [await take_over(database) for _ in range(2)] == [1, 0]
    (kept,) = (await Bookings(database).open()).values()
    assert (kept.call, kept.number, kept.asked) == ("c1", "138", NOON)
    assert kept.arrived == round(NOON.timestamp()) * 10
    await database.close()


async def test_a_new_database_has_nothing_to_take_over(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    assert await take_over(database) == 0
    await database.close()
