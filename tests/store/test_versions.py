"""Versions and their history, on a real SQLite file."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.flow.canary import Mark
from ivr.flow.history import Act, Decision
from ivr.flow.project import Sources
from ivr.store.database import Database, StoreError
from ivr.store.versions import DamagedVersion, Version, Versions

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE = Sources({"flows/f.yaml": "flow: f  # 您好"}, {"prompts/p.yaml": "hello: {}"})
TWO = Sources({"flows/f.yaml": "flow: f  # 再见"}, {"prompts/p.yaml": "hello: {}"})


def decision(number: int, sources: Sources = ONE, act: Act = "publish", share: int = 0) -> Decision:
    at = NOON + timedelta(minutes=number)
    return Decision(number, sources.version, act, "shorter <b>", "ada", at, share)


async def publish(versions: Versions, given: Decision, sources: Sources = ONE) -> bool:
    version = Version(given.version, given.who, given.why, given.at)
    return await versions.publish(version, sources, given)


async def test_a_version_comes_back_with_its_texts_and_its_history(database: Database) -> None:
    versions = Versions(database)
    assert (await versions.last(), await versions.history(), await versions.all()) == (0, [], [])
    first, second = decision(1), decision(2, TWO, "canary", 5)
    assert await publish(versions, first)
    assert await publish(versions, second, TWO)
    assert await versions.last() == 2
    assert await versions.history() == [first, second]
    assert [version.id for version in await versions.all()] == [ONE.version, TWO.version]
    assert (await versions.sources(ONE.version)).texts == ONE.texts


async def test_a_version_that_is_known_stays_as_it_was(database: Database) -> None:
    versions = Versions(database)
    await publish(versions, decision(1))
    (before,) = await versions.all()
    assert await publish(versions, decision(2))
    assert await versions.all() == [before]
    assert await versions.last() == 2


async def test_of_two_who_decide_at_once_one_is_refused_and_leaves_nothing(
    database: Database,
) -> None:
    versions = Versions(database)
    done = await asyncio.gather(
        publish(versions, decision(1)), publish(versions, decision(1, TWO), TWO)
    )
    assert sorted(done) == [False, True]
    assert len(await versions.all()) == len(await versions.history()) == 1
    assert not await versions.decide(decision(1, act="rollback"))
    assert await versions.decide(decision(2, act="rollback"))


@pytest.mark.parametrize(
    "stored", ["", "{", "[]", "{}", '{"flows": {"flows/f.yaml": "flow: g"}, "prompts": {}}']
)
async def test_a_version_whose_texts_are_not_those_published_is_damaged(
    database: Database, tmp_path: Path, stored: str
) -> None:
    versions = Versions(database)
    await publish(versions, decision(1))
    with sqlite3.connect(tmp_path / "calls.db") as broken:
        broken.execute("update versions set texts = ?", (stored,))
    with pytest.raises(DamagedVersion, match=f"version {ONE.version} is damaged"):
        await versions.sources(ONE.version)


async def test_a_damaged_version_is_mended_when_it_is_published_again(
    database: Database, tmp_path: Path
) -> None:
    versions = Versions(database)
    await publish(versions, decision(1))
    with sqlite3.connect(tmp_path / "calls.db") as broken:
        broken.execute("update versions set texts = '{'")
    await publish(versions, decision(2))
    assert (await versions.sources(ONE.version)).texts == ONE.texts


async def test_a_version_there_is_none_of_is_damaged(database: Database) -> None:
    with pytest.raises(DamagedVersion):
        await Versions(database).sources("nobody")


async def test_the_newest_calls_of_a_canary_and_of_the_others_are_told(
    database: Database,
) -> None:
    versions, canary = Versions(database), decision(2, TWO, "canary", 5)
    for gave_up in (True, False, False):
        await versions.note(canary, TWO.version, Mark(gave_up=gave_up))
    await versions.note(canary, ONE.version, Mark(failed=True))
    await versions.note(decision(1, TWO, "canary", 5), TWO.version, Mark(left_for_agent=True))
    assert await versions.marks(canary, 2) == {True: [Mark(), Mark()], False: [Mark(failed=True)]}
    assert (await versions.marks(canary, 9))[True].count(Mark(gave_up=True)) == 1


async def test_a_database_that_is_gone_is_a_store_error(database: Database) -> None:
    versions = Versions(database)
    await database.close()
    with pytest.raises(StoreError):
        await publish(versions, decision(1))
    with pytest.raises(StoreError):
        await versions.last()
