"""`ivr callbacks`: who is to be called back, and who has been."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr import cli, config
from ivr.desk.agenda import Booking
from ivr.store.bookings import Bookings
from ivr.store.database import Database

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOOKING = Booking("c1", "13800138000", "desk", "yue", NOON, NOON + timedelta(hours=1), 1)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IVR_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["callbacks", *words])
    return result.exit_code, result.output


async def keep() -> None:
    database = await Database.open(config.settings().records_url)
    await Bookings(database).keep(BOOKING)
    await database.close()


def test_who_is_to_be_called_back_is_listed_until_it_is_done(state: Path) -> None:
    assert run() == (0, "nobody is to be called back\n")
    asyncio.run(keep())
    code, shown = run()
    assert code == 0 and "13800138000" in shown and "yue" in shown
    assert run("done", "1") == (0, "1 is done\n")
    assert run() == (0, "nobody is to be called back\n")


def test_what_is_not_there_is_told(state: Path) -> None:
    code, said = run("done", "7")
    assert code == 1 and "there is no call back 7" in said


def test_a_state_directory_that_is_not_there_is_not_made(state: Path) -> None:
    code, said = run("--state-dir", str(state / "none"))
    assert code == 1 and "no hotline has run" in said
    assert not (state / "none").exists()


def test_the_state_directory_may_stand_before_what_is_done(state: Path) -> None:
    code, said = run("--state-dir", str(state / "none"), "done", "1")
    assert code == 1 and f"no hotline has run on {state / 'none'}" in said
