"""What callers were told, in the database."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.store import tellings as module
from ivr.store.database import Database
from ivr.store.tellings import Tellings
from ivr.store.waits import TooMany
from tests.past.test_tellings import NOON, told
from tests.store.given import url


@pytest.fixture
async def tellings(tmp_path: Path) -> AsyncIterator[Tellings]:
    database = await Database.open(url(tmp_path / "calls.db"))
    yield Tellings(database)
    await database.close()


async def test_what_was_told_in_a_time_is_read_as_it_was_kept(tellings: Tellings) -> None:
    first, second = told(60), told(None, after=30)
    await tellings.keep([first, second])
    assert await tellings.between(NOON, NOON + timedelta(minutes=1)) == [first, second]
    assert await tellings.between(NOON, NOON + timedelta(seconds=30)) == [first]


async def test_more_than_can_be_read_is_refused(
    tellings: Tellings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    await tellings.keep([told(60), told(60)])
    with pytest.raises(TooMany, match="more than 1 waits were told"):
        await tellings.between(NOON, NOON + timedelta(minutes=1))
