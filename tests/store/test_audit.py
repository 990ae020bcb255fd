"""The audit, on a real SQLite file."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.store.audit import Audit, Entry
from ivr.store.database import Database, StoreError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BEGUN = Entry(NOON, "1009", "listen", "1001", "began", "1764047000.12")


async def test_what_lasts_is_told_with_its_end(database: Database) -> None:
    audit = Audit(database)
    number = await audit.write(BEGUN)
    (act,) = await Audit(database).acts(NOON, NOON + DAY)
    assert (act.entry, act.until) == (replace(BEGUN, number=number), None)
    await audit.end(number, NOON + 3 * MINUTE)
    (act,) = await audit.acts(NOON, NOON + DAY)
    assert (act.entry.at, act.until) == (NOON, NOON + 3 * MINUTE)


async def test_what_was_refused_or_done_at_once_has_no_length(database: Database) -> None:
    audit = Audit(database)
    await audit.write(replace(BEGUN, outcome="refused", why="no supervisor"))
    await audit.write(replace(BEGUN, what="hear", outcome="done", at=NOON + MINUTE))
    acts = await audit.acts(NOON, NOON + DAY)
    assert [(act.entry.outcome, act.until) for act in acts] == [
        ("done", NOON + MINUTE),
        ("refused", NOON),
    ]


async def test_a_period_and_an_agent_are_asked_for(database: Database) -> None:
    audit = Audit(database)
    for entry in (BEGUN, replace(BEGUN, whom="1002"), replace(BEGUN, at=NOON + DAY)):
        await audit.write(entry)
    assert len(await audit.acts(NOON, NOON + DAY)) == 2
    (act,) = await audit.acts(NOON, NOON + DAY, "1002")
    assert act.entry.whom == "1002"
    assert len(await audit.acts(NOON, NOON + 2 * DAY, most=1)) == 1


async def test_what_a_controller_left_open_is_ended_once(database: Database) -> None:
    audit = Audit(database)
    ended, left = await audit.write(BEGUN), await audit.write(BEGUN)
    await audit.end(ended, NOON + MINUTE)
    await audit.write(replace(BEGUN, outcome="refused"))
    assert await audit.close_left(NOON + 2 * MINUTE, "the controller ended first") == 1
    assert await audit.close_left(NOON + 3 * MINUTE, "the controller ended first") == 0
    ends = await audit.acts(NOON, NOON + DAY)
    assert [act.why for act in ends] == ["", "the controller ended first", ""]
    until = {act.entry.number: act.until for act in ends}
    assert (until[ended], until[left]) == (NOON + MINUTE, NOON + 2 * MINUTE)


async def test_an_end_of_nothing_is_refused(database: Database) -> None:
    with pytest.raises(KeyError):
        await Audit(database).end(7, NOON)


async def test_a_database_that_is_gone_takes_nothing(database: Database) -> None:
    await database.close()
    with pytest.raises(StoreError):
        await Audit(database).write(BEGUN)


@pytest.mark.parametrize("change", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit"])
async def test_the_database_itself_refuses_to_change_it(
    database: Database, tmp_path: Path, change: str
) -> None:
    await Audit(database).write(BEGUN)
    with sqlite3.connect(tmp_path / "calls.db") as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(change)
    raw.close()


def test_nothing_here_changes_an_entry_or_takes_one_away() -> None:
    public = {name for name in vars(Audit) if not name.startswith("_")}
    assert public == {"write", "end", "close_left", "acts"}
