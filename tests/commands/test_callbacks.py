"""`ivr callbacks`: who is to be called back, and who has been."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr import config
from ivr.desk.agenda import Booking
from ivr.store.bookings import Bookings
from ivr.store.database import Database
from tests.commands.typed import typed

NOW = datetime.now(UTC)
BOOKING = Booking("c1", "13800138000", "desk", "yue", NOW, NOW + timedelta(hours=1), 1)
LATE = Booking("c2", "13900139000", "desk", "cmn", NOW, NOW - timedelta(hours=1), 1)


def run(*words: str) -> tuple[int, str]:
    return typed("callbacks", *words)


def keep(*bookings: Booking) -> None:
    async def kept() -> None:
        database = await Database.open(config.settings().records_url)
        for booking in bookings:
            await Bookings(database).keep(booking)
        await database.close()

    asyncio.run(kept())


def test_who_is_to_be_called_back_is_listed_until_it_is_done(state: Path) -> None:
    assert run() == (0, "nobody is to be called back\n")
    keep(BOOKING)
    code, shown = run()
    assert code == 0 and "13800138000" in shown and "yue" in shown and "late" not in shown
    assert run("done", "1") == (0, "1 is done\n")
    assert run() == (0, "nobody is to be called back\n")
    assert "13800138000" in run("--state", "kept")[1]
    assert run("--state", "late") == (0, "there are none\n")


def test_who_wants_no_call_any_more_is_not_called(state: Path) -> None:
    keep(LATE)
    assert "open, late" in run()[1]
    assert run("cancel", "1") == (0, "1 is cancelled\n")
    assert run() == (0, "nobody is to be called back\n")
    assert run("cancel", "1")[0] == 1


def test_what_became_of_the_promises_is_counted(state: Path) -> None:
    assert run("figures") == (0, "nothing was promised\n")
    keep(BOOKING, LATE)
    run("done", "1")
    run("done", "2")
    shown = run("figures", "--days", "1")[1]
    assert "desk" in shown and ("50.0%" in shown or "100.0%" in shown)  # midnight may lie between


def test_a_state_that_is_none_is_told_with_those_there_are(state: Path) -> None:
    code, said = run("--state", "gone")
    assert code == 2 and "broken" in said


def test_what_is_not_there_is_told(state: Path) -> None:
    for does in ("done", "cancel"):
        code, said = run(does, "7")
        assert code == 1 and "there is no call back 7" in said


def test_a_state_directory_that_is_not_there_is_not_made(state: Path) -> None:
    code, said = run("--state-dir", str(state / "none"))
    assert code == 1 and "no hotline has run" in said
    assert not (state / "none").exists()


def test_the_state_directory_may_stand_before_what_is_done(state: Path) -> None:
    code, said = run("--state-dir", str(state / "none"), "done", "1")
    assert code == 1 and f"no hotline has run on {state / 'none'}" in said
