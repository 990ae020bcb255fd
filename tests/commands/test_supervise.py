"""`ivr supervise` and `ivr audit`, beside no hotline."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr import config
from ivr.store.audit import Audit, Entry
from ivr.store.database import Database
from tests.commands.typed import typed


async def write(*entries: Entry) -> None:
    database = await Database.open(config.settings().records_url)
    for entry in entries:
        await Audit(database).write(entry)
    await database.close()


def test_who_listened_to_whom_is_listed_by_day_and_agent(state: Path) -> None:
    assert typed("audit") == (0, "nothing was done, nor refused\n")
    noon = datetime(2026, 11, 22, 12).astimezone(UTC)
    listened = Entry(noon, "1009", "listen", "1001", "began", "c.1")
    refused = Entry(noon, "1002", "barge", "1003", "refused", why="no supervisor")
    asyncio.run(write(listened, refused))
    code, shown = typed("audit", "--day", "2026-11-22")
    assert code == 0 and "12:00:00" in shown and "no supervisor" in shown
    assert "now" in shown  # she listens still
    code, shown = typed("audit", "--day", "2026-11-22", "--of", "1003")
    assert "barge" in shown and "listen" not in shown
    for day in (noon - timedelta(days=1), noon + timedelta(days=1)):
        assert "nothing" in typed("audit", "--day", f"{day:%Y-%m-%d}")[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("audit", "--day", "yesterday"), "--day is such as 2026-11-25"),
        (("supervise", "1001", "--by", "1009", "--how", "lisen"), "did you mean 'listen'?"),
        (("supervise", "Li Na", "--by", "1009"), "an agent's number is expected"),
        (("supervise", "1001", "--by", "1009"), "no hotline answers"),
        (("audit", "--state-dir", "/nowhere/at/all"), "no hotline has run"),
    ],
)
def test_what_cannot_be_is_told(state: Path, words: tuple[str, ...], told: str) -> None:
    code, said = typed(*words)
    assert code == 1 and told in said
