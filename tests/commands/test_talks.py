"""`ivr talks`: the recorded talks, found and deleted."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr import config
from ivr.past.tapes import Tape
from ivr.store.database import Database
from ivr.store.talks import Talks
from tests.commands.typed import typed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TAPE = Tape("1.2_1", "1.2", "13800138000", "desk", "Li Na", NOON, 61, NOON + timedelta(days=9))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sound of the one talk there is."""
    monkeypatch.setenv("IVR_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    settings = config.settings()

    async def keep() -> None:
        database = await Database.open(settings.records_url)
        await Talks(database).keep(TAPE)
        await database.close()

    asyncio.run(keep())
    settings.talks.mkdir()
    sound = settings.talks / "1.2_1.wav"
    sound.write_bytes(b"sound")
    return sound


def run(*words: str) -> tuple[int, str]:
    return typed("talks", *words)


def test_a_talk_is_listed_by_its_call_its_caller_its_agent_and_its_day(file: Path) -> None:
    day = f"{NOON.astimezone():%Y-%m-%d}"
    for words in ((), ("--call", "1.2-2"), ("--number", "13800138000"), ("--day", day)):
        code, shown = run(*words)
        assert code == 0 and str(file) in shown and "13800138000" in shown
    # 1002 is Li Na's number.
    assert str(file) in run("--agent", "1002")[1] and str(file) in run("--agent", "Li Na")[1]
    assert run("--agent", "1001") == run("--day", "2026-11-01") == (0, "no such talk\n")


def test_the_talks_of_a_caller_are_deleted_with_their_sound(file: Path) -> None:
    code, said = run("delete")
    assert code == 1 and "whose?" in said
    code, said = run("delete", "--number", "138")
    assert code == 1 and "no such talk" in said and file.exists()
    assert run("delete", "--number", "13800138000") == (0, "deleted: 1\n")
    assert not file.exists()
    assert run() == (0, "no talk is recorded\n")


def test_a_state_directory_that_is_not_there_is_not_made(file: Path) -> None:
    code, said = run("--state-dir", str(file.parent / "none"))
    assert code == 1 and "no hotline has run" in said
