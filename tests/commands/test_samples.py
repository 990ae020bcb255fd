"""`ivr samples`, on a database of calls."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr import config
from ivr.flow.record import Asked, CallRecord, KeyPress
from ivr.store.calls import Calls
from ivr.store.database import Database
from tests.commands.typed import typed
from tests.records.given import a_record

WEDNESDAY = datetime(2026, 11, 25, 12).astimezone(UTC)


def record(id: str, agent: str, mark: str = "") -> CallRecord:
    """A call that was answered, with the mark she gave."""
    talk = Asked.model_validate(
        {"what": "queue", "of": "front_desk", "outcome": "answered", "by": agent, "from": 0,
         "to": 60_000, "talked": 50_000, "node": "queue"}
    )  # fmt: skip
    pressed = KeyPress(key=mark, at=WEDNESDAY + timedelta(seconds=70), node="survey/mark")
    return a_record(
        id,
        WEDNESDAY,
        caller="139",
        version="v",
        language="en",
        ended=WEDNESDAY + timedelta(minutes=2),
        asked=(talk,),
        keys=(pressed,) if mark else (),
        outcome="answered",
    )


def run(*words: str) -> tuple[int, str]:
    return typed("samples", *words)


async def keep(*records: CallRecord) -> None:
    database = await Database.open(config.settings().records_url)
    for each in records:
        await Calls(database).write(each)
    await database.close()


def test_the_talks_of_a_week_are_listed_with_their_reasons(state: Path) -> None:
    asyncio.run(keep(record("c.1", "Li Na", "2"), record("c.2", "Ann", "5")))
    code, shown = run("--week", "2026-W48")
    assert code == 0 and "drawn, low mark" in shown and "Ann" in shown and "50 s" in shown
    code, shown = run("--week", "2026-W48", "--each", "0", "--agent", "Li Na")
    assert "c.1" in shown and "drawn" not in shown and "c.2" not in shown
    assert "nobody" in run("--week", "2026-W47")[1]
    assert run()[0] == 0


def test_what_cannot_be_is_told(state: Path) -> None:
    code, said = run("--week", "last")
    assert code == 1 and "--week is such as 2026-W48" in said
    code, said = run("--state-dir", str(state / "none"))
    assert code == 1 and "no hotline has run" in said
