"""The noticeboard: what the database has is what calls hear, by one question for all of them."""

import asyncio
import shutil
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import soundfile

from ivr.announcements.noticeboard import LINGER, Noticeboard
from ivr.flow.logbook import Logbook
from ivr.flow.record import CallRecord
from ivr.flow.speech import Clip
from ivr.speech import announced
from ivr.speech.clips import ClipMissing
from ivr.store.announcements import Announcements, Notice
from ivr.store.database import Database
from tests.records.given import a_record
from tests.speech.sound import tone
from tests.stage import START
from tests.until import until

HOUR = timedelta(hours=1)
NOTICE = Notice(("hotline",), {"cmn": "a.wav"}, ("cmn",), "3f9a2c", START, START + HOUR, "lin")
(SOUND,) = NOTICE.clips


class NoPrompts:
    """Prompts of which none is built."""

    def load(self, clip: Clip, speed: int, form: str) -> bytes:
        raise ClipMissing(clip, speed, form)


class Wall:
    """A noticeboard with a clock that can be set, and the store behind it."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.now = START
        self.folder = folder
        self.store = Announcements(database)
        self.board = Noticeboard(self.store, folder, ("alaw",), lambda: self.now)

    async def announce(self, notice: Notice = NOTICE) -> int:
        """Announce something, its sound built."""
        file = self.folder / "a.wav"
        soundfile.write(file, tone(500, 0.5), 24_000)
        await asyncio.to_thread(
            announced.make,
            self.folder / notice.folder, [], dict.fromkeys(notice.clips, file), {}, {}, (100,),
            ("alaw",), lambda done, of: None, lambda line: None,
        )  # fmt: skip
        return await self.store.add(notice)

    def load(self, clip: Clip, speed: int, form: str) -> bytes:
        return self.board.beside(NoPrompts()).load(clip, speed, form)

    def names(self, place: str = "hotline") -> list[str]:
        return [str(announcement.name) for announcement in self.board.at(place)]


@pytest.fixture
def wall(tmp_path: Path, database: Database) -> Wall:
    return Wall(tmp_path, database)


def record(*prompts: str) -> CallRecord:
    """The record of a call that heard these prompts."""
    book = Logbook(a_record("1", START))
    for prompt in prompts:
        book.heard("", began=START, ended=START, prompt=prompt)
    return book.closed("finished", "", START)


async def test_what_is_announced_is_seen_at_the_next_look_at_its_place_alone(wall: Wall) -> None:
    await wall.board.look()
    number = await wall.announce()
    assert wall.names() == []
    await wall.board.look()
    assert wall.names() == [f"announcement {number}"]
    assert wall.names("elsewhere") == []
    assert wall.load(SOUND, 100, "alaw")


async def test_what_is_withdrawn_is_gone_and_can_still_be_said_to_its_end(wall: Wall) -> None:
    number = await wall.announce()
    await wall.board.look()
    await wall.store.withdraw(number, wall.now)
    await wall.board.look()
    assert wall.names() == []
    assert wall.load(SOUND, 100, "alaw")


async def test_it_ends_by_itself_without_a_look(wall: Wall) -> None:
    await wall.announce()
    await wall.board.look()
    wall.now = START + HOUR
    assert wall.names() == []


async def test_the_sounds_of_what_ended_long_ago_are_let_go(wall: Wall) -> None:
    await wall.announce()
    await wall.board.look()
    wall.now = START + HOUR + LINGER
    await wall.board.look()
    with pytest.raises(ClipMissing):
        wall.load(SOUND, 100, "alaw")


async def test_what_has_no_sounds_is_told_in_the_log_and_said_to_nobody(
    wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    await wall.announce()
    shutil.rmtree(wall.folder / NOTICE.folder)
    await wall.board.look()
    assert all(not announcement.said for announcement in wall.board.at("hotline"))
    assert "announcement 1 is not said in cmn: no sounds" in caplog.text


async def test_a_sound_that_is_not_there_at_her_speed_is_said_at_the_normal_one(wall: Wall) -> None:
    await wall.announce()
    await wall.board.look()
    assert wall.load(SOUND, 75, "alaw") == wall.load(SOUND, 100, "alaw")


async def test_sounds_that_are_removed_meanwhile_end_no_call(
    wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    await wall.announce()
    await wall.board.look()
    shutil.rmtree(wall.folder / NOTICE.folder)
    assert set(wall.load(SOUND, 100, "alaw")) == {0xD5}
    assert "has not been built" in caplog.text
    with pytest.raises(ClipMissing):
        wall.load(Clip("您好", "cmn"), 100, "alaw")


async def test_a_row_that_nobody_can_read_ends_no_watch(
    wall: Wall, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await wall.announce()
    with sqlite3.connect(tmp_path / "calls.db") as damaging:
        damaging.execute("update announcements set places = '7'")
    async with wall.board.watched():
        await until(lambda: "not known anew" in caplog.text, within=5)
        with sqlite3.connect(tmp_path / "calls.db") as mending:
            mending.execute("update announcements set places = '[\"hotline\"]'")
        await until(lambda: bool(wall.names()), within=5)


async def test_a_database_that_does_not_answer_changes_nothing(
    wall: Wall, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await wall.announce()
    async with wall.board.watched():
        assert wall.names() == ["announcement 1"]
        await database.close()
        await until(lambda: "not known anew" in caplog.text, within=5)
        assert wall.names() == ["announcement 1"]


async def test_it_is_seen_within_a_second_by_who_watches(wall: Wall) -> None:
    async with wall.board.watched():
        await wall.announce()
        await until(lambda: bool(wall.names()), within=1)


async def test_each_call_counts_once_for_each_that_it_heard(wall: Wall) -> None:
    await wall.announce()
    await wall.announce(replace(NOTICE, folder="77aa01"))
    async with wall.board.watched():
        wall.board.count(record("welcome", "announcement 1", "announcement 1"))
        wall.board.count(record("announcement 1", "announcement 2"))
        wall.board.count(record("welcome"))
    assert [notice.heard for notice in await wall.store.since(START)] == [2, 1]
