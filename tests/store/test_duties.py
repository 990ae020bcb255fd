"""Where agents stand, on a real SQLite file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.desk.duty import Duty, Standing
from ivr.store.database import Database, StoreError
from ivr.store.duties import Duties

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MEAL = Standing(Duty.PAUSED, "meal", "1001", NOON)


async def test_where_an_agent_stands_outlives_the_program(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}"
    database = await Database.open(url)
    assert await Duties(database).all() == {}
    await Duties(database).keep("1001", Standing(Duty.OFF, "", "operator", NOON))
    await Duties(database).keep("1001", MEAL)
    await database.close()
    database = await Database.open(url)
    assert await Duties(database).all() == {"1001": MEAL}
    await database.close()
    with pytest.raises(StoreError):
        await Duties(database).keep("1001", MEAL)
