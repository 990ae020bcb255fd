"""An id is first once, and not when what came with it was not written."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.store.database import Database
from ivr.store.once import REMEMBERED, first

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def is_first(database: Database, id: str, at: datetime = NOON) -> bool:
    async with database.writing() as connection:
        return await first(connection, id, at)


async def test_an_id_is_first_once(database: Database) -> None:
    assert [await is_first(database, id) for id in "aab"] == [True, False, True]


async def test_an_id_whose_writing_failed_is_still_first(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.writing() as connection:
            assert await first(connection, "a", NOON)
            raise ZeroDivisionError
    assert await is_first(database, "a")


async def test_ids_are_forgotten_when_nothing_can_wait_for_so_long(database: Database) -> None:
    await is_first(database, "a")
    assert await is_first(database, "b", NOON + REMEMBERED - timedelta(seconds=1))
    assert not await is_first(database, "a", NOON + REMEMBERED)
    assert await is_first(database, "c", NOON + REMEMBERED)
    assert await is_first(database, "a", NOON + REMEMBERED)
