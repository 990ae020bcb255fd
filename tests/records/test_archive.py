"""The recorded talks on disk: finished when a call is over, deleted when their time is."""

import asyncio
import logging
import os
import stat
import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.flow.record import CallRecord
from ivr.past.tapes import BYTES_PER_SECOND
from ivr.records.archive import Archive
from ivr.store.database import Database
from ivr.store.talks import Talks
from ivr.switch.desks import Desks
from tests.calls.hotline import until
from tests.past.test_waits import START, asked, call

FRONT = {"members": ["1001"], "recording": {"keep": "1d"}}
DESKS = Desks.model_validate(
    {"desks": {"front_desk": FRONT}, "agents": {"1001": {"name": "Li Na"}}}
)
SOUND = b"\x01\x00\x02\x00" * (BYTES_PER_SECOND // 4)
TALK = asked("queue", "front_desk", "answered", 0, 2000, by="Li Na", talked=1000)


class Place:
    """A folder as the switch leaves it; `records` are the calls that are known."""

    def __init__(self, folder: Path, talks: Talks) -> None:
        self.raw, self.kept, self.talks = folder / "monitor", folder / "talks", talks
        self.records: dict[str, CallRecord] = {}
        self.archive = Archive(talks, self.raw, self.kept, self.call, lambda: DESKS)
        for each in (self.raw, self.kept):
            each.mkdir()

    async def call(self, id: str) -> CallRecord | None:
        return self.records.get(id)

    def recorded(self, name: str, sound: bytes = SOUND) -> Path:
        path = self.raw / name
        path.write_bytes(sound)
        return path


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    yield Place(tmp_path, Talks(database))
    await database.close()


async def test_a_talk_is_finished_when_its_call_is_over(place: Place) -> None:
    raw = place.recorded("c.1_1@front_desk.raw")
    place.records["c.1"] = call(TALK).model_copy(update={"ended": None})
    await place.archive.finish()
    assert raw.exists() and await place.talks.find() == []
    place.records["c.1"] = call(TALK)
    await place.archive.finish()
    (tape,) = await place.talks.find()
    assert (tape.agent, tape.seconds) == ("Li Na", 1.0)
    assert tape.keep_until == START + timedelta(days=1, seconds=1)
    file = place.kept / "c.1_1.wav"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with wave.open(str(file), "rb") as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 8000)
        assert sound.readframes(sound.getnframes()) == SOUND
    assert [path.name for path in place.kept.iterdir()] == ["c.1_1.wav"] and not raw.exists()


async def test_what_is_still_written_waits_and_what_a_crash_left_does_not(place: Place) -> None:
    with place.recorded("c.1_1@front_desk.raw").open("ab"):
        await place.archive.finish()
        assert await place.talks.find() == []
    await place.archive.finish()
    (tape,) = await place.talks.find()
    assert (tape.call, tape.agent, tape.caller) == ("c.1", "", "")


async def test_a_wait_that_nobody_answered_leaves_nothing(place: Place) -> None:
    raw, other = place.recorded("c.1_1@front_desk.raw", b""), place.recorded("notes.raw")
    await place.archive.finish()
    assert await place.talks.find() == [] and not raw.exists() and other.exists()


async def test_talks_are_deleted_when_their_time_is_over(place: Place) -> None:
    place.recorded("c.1_1@front_desk.raw")
    place.records["c.1"] = call(TALK)
    await place.archive.finish()
    await place.archive.sweep(START + timedelta(hours=23))
    assert (place.kept / "c.1_1.wav").exists()
    await place.archive.sweep(START + timedelta(hours=25))
    assert await place.talks.find() == [] and not list(place.kept.iterdir())


async def test_a_disk_that_hangs_holds_no_call(place: Place) -> None:
    # Who opens a pipe to read waits until somebody writes.
    await asyncio.to_thread(os.mkfifo, place.raw / "c.1_1@front_desk.raw")
    looking = asyncio.create_task(place.archive.finish())
    done, _ = await asyncio.wait([looking], timeout=0.3)
    assert not done
    await asyncio.to_thread((place.raw / "c.1_1@front_desk.raw").write_bytes, b"")
    async with asyncio.timeout(5):
        await looking


async def test_a_disk_that_is_full_is_told_once_and_tried_again(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    raw = place.recorded("c.1_1@front_desk.raw")
    (place.kept / ".c.1_1.wav.new").mkdir()  # where nothing can be written, whoever one is
    with caplog.at_level(logging.ERROR):
        async with place.archive.keeping():

            async def told() -> bool:
                return "recorded talks have to wait" in caplog.text

            await until(told)
            (place.kept / ".c.1_1.wav.new").rmdir()

            async def finished() -> bool:
                return not await asyncio.to_thread(raw.exists)

            await until(finished)
    assert caplog.text.count("have to wait") == 1
    (tape,) = await place.talks.find()
    assert tape.began < datetime.now(UTC)
