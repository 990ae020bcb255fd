"""What callers chose, on a real SQLite file."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.flow.talk import Choice
from ivr.store.callers import Callers
from ivr.store.database import Database, StoreError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NUMBER = "13800138000"


async def test_a_choice_is_known_on_the_next_call(database: Database) -> None:
    callers = Callers(database, 90 * DAY)
    assert await callers.recall(NUMBER, NOON) == Choice()
    await callers.remember(NUMBER, Choice("yue", 75), NOON)
    assert await callers.recall(NUMBER, NOON + 89 * DAY) == Choice("yue", 75)
    assert await callers.recall("13900139000", NOON) == Choice()


async def test_what_is_not_chosen_anew_stays(database: Database) -> None:
    callers = Callers(database, 90 * DAY)
    await callers.remember(NUMBER, Choice("yue", None), NOON)
    await callers.remember(NUMBER, Choice(None, 60), NOON + DAY)
    await callers.remember(NUMBER, Choice(), NOON + 2 * DAY)
    assert await callers.recall(NUMBER, NOON + 3 * DAY) == Choice("yue", 60)


async def test_a_choice_is_forgotten_when_its_time_is_over(database: Database) -> None:
    callers = Callers(database, 90 * DAY)
    await callers.remember(NUMBER, Choice("yue", 75), NOON)
    await callers.remember("13900139000", Choice("en"), NOON + DAY)
    assert await callers.recall(NUMBER, NOON + 90 * DAY) == Choice()
    assert await callers.forget(NOON + 90 * DAY) == 1
    assert await Callers(database, 900 * DAY).recall(NUMBER, NOON) == Choice()
    assert await callers.recall("13900139000", NOON + 90 * DAY) == Choice("en")


async def test_a_choice_goes_when_its_time_is_over_though_nobody_starts_anything_anew(
    database: Database,
) -> None:
    callers = Callers(database, 90 * DAY)
    await callers.remember(NUMBER, Choice("yue"), NOON)
    await callers.remember("13900139000", Choice("en"), NOON + 91 * DAY)
    assert await Callers(database, 900 * DAY).recall(NUMBER, NOON + 91 * DAY) == Choice()
    assert await callers.recall("13900139000", NOON + 91 * DAY) == Choice("en")


async def test_an_old_choice_does_not_come_back_with_a_new_one(database: Database) -> None:
    callers = Callers(database, 90 * DAY)
    await callers.remember(NUMBER, Choice("yue", 75), NOON)
    await callers.remember(NUMBER, Choice(None, 120), NOON + 91 * DAY)
    assert await callers.recall(NUMBER, NOON + 91 * DAY) == Choice(None, 120)


async def test_nothing_is_kept_of_a_withheld_number_nor_where_nothing_shall_be(
    database: Database,
) -> None:
    await Callers(database, 90 * DAY).remember("", Choice("yue"), NOON)
    await Callers(database, 0 * DAY).remember(NUMBER, Choice("yue"), NOON)
    assert await Callers(database, 90 * DAY).forget(NOON + 900 * DAY) == 0


async def test_with_nothing_kept_everybody_is_forgotten(database: Database) -> None:
    await Callers(database, 90 * DAY).remember(NUMBER, Choice("yue"), NOON)
    assert await Callers(database, 0 * DAY).recall(NUMBER, NOON) == Choice()
    assert await Callers(database, 0 * DAY).forget(NOON) == 1


async def test_a_database_that_is_gone_is_a_store_error(database: Database) -> None:
    await database.close()
    with pytest.raises(StoreError):
        await Callers(database, DAY).recall(NUMBER, NOON)
