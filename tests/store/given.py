"""What the stores are given: a call's record, and a database in a folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ivr.flow.record import CallRecord, Heard, KeyPress, Step
from ivr.store.calls import Calls
from ivr.store.database import Database
from tests.records.given import a_record

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
HOSTILE = "<script>\"';${x}\n\x00\ud800--'); DROP TABLE calls; 你好嘅😀"


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def record(id: str = "1732248000.7", started: datetime = NOON, caller: str = "138") -> CallRecord:
    return a_record(
        id,
        started,
        caller=caller,
        language="yue",
        speed="90%",
        ended=started + timedelta(seconds=31),
        path=(Step(node="welcome", entered=started, left=started + timedelta(seconds=3)),),
        keys=(KeyPress(key="2", at=started + timedelta(seconds=2), node="welcome"),),
        heard=(
            Heard(
                prompt="welcome",
                text="歡迎致電，一百二十三蚊四毫半",
                language="yue",
                speed="90%",
                from_ms=120,
                to_ms=2040,
                finished=False,
                cut_at=3,
                node="welcome",
            ),
        ),
        outcome="hung up by caller",
        why="the caller hung up",
    )


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Calls]:
    database = await Database.open(url(path))
    try:
        yield Calls(database)
    finally:
        await database.close()
