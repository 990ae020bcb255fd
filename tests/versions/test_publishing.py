"""Deciding about versions: publish, promote, and the way back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.errors import IvrError
from ivr.flow.history import Decision
from ivr.store.database import Database
from ivr.store.versions import Versions
from ivr.versions import publishing
from ivr.versions.publishing import By
from tests.editions import decided, written

OLD, NEW = written("old"), written("new")
ADA = By("ada", "shorter\x00 menu")


@pytest.fixture
async def versions(tmp_path: Path) -> AsyncIterator[Versions]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    yield Versions(database)
    await database.close()


async def test_what_is_published_serves_with_its_author_and_why(versions: Versions) -> None:
    now = await publishing.publish(versions, OLD, ADA, 0)
    assert now.stable == OLD.version
    (version,) = await versions.all()
    assert (version.author, version.message) == ("ada", "shorter\ufffd menu")


async def test_what_serves_is_not_published_again(versions: Versions) -> None:
    await publishing.publish(versions, OLD, ADA, 0)
    with pytest.raises(IvrError, match="serves already"):
        await publishing.publish(versions, OLD, ADA, 5)


async def test_a_canary_is_promoted_once(versions: Versions) -> None:
    await publishing.publish(versions, OLD, ADA, 0)
    tried = await publishing.publish(versions, NEW, ADA, 5)
    assert tried.stable == OLD.version and tried.canary and tried.canary.share == 5
    assert (await publishing.promote(versions, ADA)).stable == NEW.version
    with pytest.raises(IvrError, match="there is no canary"):
        await publishing.promote(versions, ADA)


async def test_the_way_back_is_first_from_the_canary_then_to_the_version_before(
    versions: Versions,
) -> None:
    await publishing.publish(versions, OLD, ADA, 0)
    await publishing.publish(versions, NEW, ADA, 0)
    await publishing.publish(versions, written("third"), ADA, 5)
    back = await publishing.way_back(versions, None, ADA)
    assert (back.act, back.version) == ("withdraw", written("third").version)
    await publishing.decide(versions, back)
    back = await publishing.way_back(versions, None, ADA)
    assert (back.act, back.version) == ("rollback", OLD.version)
    assert (await publishing.decide(versions, back)).stable == OLD.version
    with pytest.raises(IvrError, match="there is no version before"):
        await publishing.way_back(versions, None, ADA)
    named = await publishing.way_back(versions, NEW.version[:4], ADA)
    assert named.version == NEW.version


async def test_a_name_that_says_too_little_or_nothing_is_told(versions: Versions) -> None:
    for start in ("a", "b", "c", "d", "e", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"):
        await decided(versions, "publish", written(start))
    known = [version.id for version in await versions.all()]
    letters = [id[0] for id in known]
    twice = next(letter for letter in letters if letters.count(letter) > 1)
    with pytest.raises(IvrError, match=f"'{twice}' may be .*, .*: write more of it"):
        await publishing.find(versions, twice)
    with pytest.raises(IvrError, match=f"there is no version '{known[0]}x'; did you mean"):
        await publishing.find(versions, f"{known[0]}x")
    with pytest.raises(IvrError, match="there is no version ''"):
        await publishing.find(versions, "")
    with pytest.raises(IvrError, match="serves already"):
        await publishing.way_back(versions, known[-1], ADA)


async def test_who_was_too_slow_is_told_and_changes_nothing(versions: Versions) -> None:
    await publishing.publish(versions, OLD, ADA, 0)
    late = Decision(1, OLD.version, "rollback", "", "bob", datetime.now(UTC))
    with pytest.raises(IvrError, match="somebody else decided"):
        await publishing.decide(versions, late)
    assert await versions.last() == 1
