from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.flow.speech import Clip
from ivr.store.announcements import Announcements, Notice
from ivr.store.database import Database, StoreError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTICE = Notice(
    places=("hotline", "roaming"),
    texts={"cmn": "网络故障，正在抢修。", "en": "notice.wav"},
    recorded=("en",),
    folder="3f9a2c",
    since=NOON,
    until=NOON + 2 * HOUR,
    by="lin",
)


async def test_what_is_announced_is_known_until_its_end(database: Database) -> None:
    store = Announcements(database)
    number = await store.add(NOTICE)
    assert await store.since(NOON) == (replace(NOTICE, id=number),)
    assert await store.since(NOON + 2 * HOUR) == ()


async def test_it_survives_a_restart(database: Database, tmp_path: Path) -> None:
    await Announcements(database).add(NOTICE)
    await database.close()
    anew = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    assert len(await Announcements(anew).since(NOON)) == 1
    await anew.close()


async def test_who_withdraws_it_brings_its_end_forward(database: Database) -> None:
    store = Announcements(database)
    number = await store.add(NOTICE)
    assert not await store.withdraw(number + 1, NOON)
    assert await store.withdraw(number, NOON + HOUR)
    assert not await store.withdraw(number, NOON + HOUR)
    (known,) = await store.since(NOON)
    assert (known.until, known.withdrawn) == (NOON + HOUR, True)
    assert not known.announcement().is_on("hotline", NOON + HOUR)


async def test_what_is_over_cannot_be_withdrawn(database: Database) -> None:
    store = Announcements(database)
    assert not await store.withdraw(await store.add(NOTICE), NOON + 3 * HOUR)


async def test_calls_are_counted(database: Database) -> None:
    store = Announcements(database)
    first, second = await store.add(NOTICE), await store.add(NOTICE)
    await store.count({first: 2, second: 1})
    await store.count({first: 3})
    assert [known.heard for known in await store.since(NOON)] == [5, 1]


async def test_a_number_is_never_given_twice(database: Database) -> None:
    store = Announcements(database)
    number = await store.add(NOTICE)
    await store.forget(NOON + 5 * HOUR, HOUR)
    assert await store.since(NOON) == ()
    assert await store.add(NOTICE) > number


async def test_what_ended_lately_is_not_forgotten(database: Database) -> None:
    store = Announcements(database)
    await store.add(NOTICE)
    await store.forget(NOON + 2.5 * HOUR, HOUR)
    assert len(await store.since(NOON)) == 1


def test_a_sound_file_is_one_clip_that_no_other_announcement_has() -> None:
    sound = Clip("♪ notice.wav (3f9a2c)", "en")
    assert NOTICE.clips == (Clip("网络故障，", "cmn"), Clip("正在抢修。", "cmn"), sound)
    assert sound not in replace(NOTICE, folder="77aa01").clips


def test_a_call_takes_it_by_a_name_that_no_prompt_can_have() -> None:
    taken = replace(NOTICE, id=7).announcement()
    assert str(taken.name) == "announcement 7"
    assert taken.places == {"hotline", "roaming"}
    assert (taken.since, taken.until) == (NOON, NOON + 2 * HOUR)


async def test_a_database_that_is_gone_is_a_store_error(database: Database) -> None:
    await database.close()
    with pytest.raises(StoreError):
        await Announcements(database).since(NOON)
