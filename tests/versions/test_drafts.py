"""Drafts handed from whoever watches the files to the controller."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.errors import IvrError
from ivr.flow.project import Sources
from ivr.meanwhile import meanwhile
from ivr.versions.drafts import FILE, Drafts, hand_over
from ivr.versions.edition import Edition
from tests.editions import Maker, written
from tests.line.switch import speaking
from tests.until import until

OLD, NEW = written("old"), written("new")


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Maker]:
    async with speaking(tmp_path) as speaker:
        yield Maker(speaker, written("silent"))


async def test_the_newest_draft_leads_calls_and_one_that_cannot_changes_nothing(
    tmp_path: Path, make: Maker
) -> None:
    hand_over(tmp_path, OLD)
    drafts = await Drafts.start(tmp_path, make)
    assert (drafts.led().serves, drafts.led().origin) == (OLD.version, "draft")
    async with meanwhile(drafts.follow(), "drafts"):
        hand_over(tmp_path, written("silent"))
        await until(lambda: "3 sounds are not built" in drafts.led().trouble)
        assert written("silent").version in drafts.led().trouble
        assert drafts.take("1").version == OLD.version
        for damaged in ("{", "null", '{"flows": 1, "prompts": 2}'):
            (tmp_path / FILE).write_text(damaged)
            await until(lambda: "there is no draft" in drafts.led().trouble)
            hand_over(tmp_path, written("silent"))
            await until(lambda: "3 sounds are not built" in drafts.led().trouble)
        hand_over(tmp_path, NEW)
        await until(lambda: drafts.take("1").version == NEW.version)
        assert drafts.led().trouble == ""


async def test_without_a_draft_nothing_starts(tmp_path: Path, make: Maker) -> None:
    with pytest.raises(IvrError, match="there is no draft"):
        await Drafts.start(tmp_path, make)


async def test_a_fault_of_ours_keeps_no_later_draft_from_coming(
    tmp_path: Path, make: Maker
) -> None:
    async def faulty(sources: Sources) -> Edition:
        if sources.version == written("silent").version:
            raise AssertionError("a node that cannot be")
        return await make(sources)

    hand_over(tmp_path, OLD)
    drafts = await Drafts.start(tmp_path, faulty)
    async with meanwhile(drafts.follow(), "drafts"):
        hand_over(tmp_path, written("silent"))
        await until(lambda: "a fault of ours" in drafts.led().trouble)
        hand_over(tmp_path, NEW)
        await until(lambda: drafts.take("1").version == NEW.version)
