"""What a switch keeps of a caller's calls is deleted, whether it runs or not; nothing of others."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from ivr.flow.caller import Caller
from ivr.flow.journal import Journal
from ivr.flow.opening import Opening
from ivr.forgetting.left_forgotten import forget
from ivr.switch.plan import Plan
from ivr.switch.process import Switch
from tests.flow.test_left import PROJECT
from tests.stage import START
from tests.switch.test_process import plan, switch

__all__ = ["plan", "switch"]

HER, OTHER = "13800138000", "13900139000"


def left(id: str, number: str) -> str:
    """Return what a switch keeps of a call."""
    journal = Journal.begin(Opening("f", "v", Caller(id, number), START), PROJECT)
    journal.answer(None, START)
    journal.session.hang_up(START)
    return "|".join(["2|1795330860|1.9.1.0.0.0.|||", *journal.texts])


HERS, OTHERS = left("1.1", HER), left("1.2", OTHER)


def test_in_the_file_of_a_switch_that_does_not_run(tmp_path: Path) -> None:
    file = tmp_path / "astdb.sqlite3"
    assert forget(file, HER, None) == []
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE astdb (key VARCHAR(256), value, PRIMARY KEY(key))")
        rows = [("/left/1.1-1", HERS), ("/left/1.2-1", OTHERS), ("/left/1.3-1", "rubbish")]
        database.executemany("INSERT INTO astdb VALUES (?, ?)", [*rows, ("/Queue/desk", "x")])
    assert forget(file, HER, None) == ["1.1"]
    assert HERS.encode() not in file.read_bytes()
    with closing(sqlite3.connect(file)) as database:
        there = database.execute("SELECT key FROM astdb ORDER BY key").fetchall()
    assert there == [("/Queue/desk",), ("/left/1.2-1",), ("/left/1.3-1",)]


@pytest.mark.realtime
@pytest.mark.timeout(300)
async def test_by_the_switch_that_runs(plan: Plan, switch: Switch) -> None:
    file = plan.state / "lib" / "astdb.sqlite3"

    def console(command: str) -> str:
        return plan.softswitch.console(plan.etc, command)

    def run() -> list[str]:
        for name, text in (("1.1-1", HERS), ("1.2-1", OTHERS)):
            quoted = text.replace("\\", "\\\\").replace('"', '\\"')
            assert "success" in console(f'database put left {name} "{quoted}"')
        deadline = time.monotonic() + 5
        while HERS.encode() not in file.read_bytes():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return forget(file, HER, console)

    assert await asyncio.to_thread(run) == ["1.1"]
    assert HERS.encode() not in await asyncio.to_thread(file.read_bytes)
    shown = console("database show left")
    assert "1.2-1" in shown and "1.1-1" not in shown
