"""What calls in progress feel of announcements: a table of how long the event loop stands still.

    python -m bench.announce

A thousand calls each ask what is announced and have their sentence composed, once a second, as
calls that come to a menu do. A ticker beside them tells how late it is woken. The rows differ in
what the noticeboard does meanwhile, and take turns, so that the ratios hold on a busy machine too.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ivr.announcements.noticeboard import LOOK, Noticeboard
from ivr.flow.speech import Clip, Utterance
from ivr.speech import announced
from ivr.speech.clips import Clips
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from ivr.speech.takes import Takes
from ivr.speech.voices import Espeak
from ivr.store.announcements import Announcements, Notice
from ivr.store.database import Database

CALLS, ROUNDS, SECONDS, TICK = 1000, 3, 3.0, 0.002
WORDS = "东城区网络故障，正在抢修，预计两小时内恢复。"
SPEEDS, FORMS = (60, 75, 90, 100, 120, 150), ("alaw", "ulaw")
MENU: Utterance = (Clip("查询话费余额，", "cmn"), Clip("请按一。", "cmn"))
ROWS = ("no noticeboard", "nothing announced", "an announcement comes", "a hundred stand there")


async def main() -> None:
    """Measure, and print the table."""
    late: dict[str, list[float]] = {row: [] for row in ROWS}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _build(place)
        for number in range(ROUNDS):
            for row in ROWS:
                late[row] += await _measured(place / f"{number}-{row}.db", place, row)
    _show(late)


def _build(place: Path) -> None:
    """Build the menu's clips, and the sounds of the announcement."""
    voices = {"espeak": Espeak()}
    order = {"cmn": ("espeak",)}
    clips = [item for item in MENU if isinstance(item, Clip)]
    Clips(place / "built", Takes(place / "none"), order, voices).build(
        clips, SPEEDS, FORMS, lambda done, of: None, lambda line: None
    )
    announced.make(
        place / "notice", _notice().clips, {}, order, voices, SPEEDS, FORMS,
        lambda done, of: None, lambda line: None,
    )  # fmt: skip


def _notice() -> Notice:
    now = datetime.now(UTC)
    return Notice(("hotline",), {"cmn": WORDS}, (), "notice", now, now + timedelta(hours=1), "lin")


async def _measured(database: Path, place: Path, row: str) -> list[float]:
    """Return by how many milliseconds each tick came late."""
    async with _standing(database, place, row) as (board, store):
        shelf = Shelf()
        speaker = Speaker(board.beside(_clips(place)), shelf)
        calls = [asyncio.create_task(_call(board, speaker, n / CALLS)) for n in range(CALLS)]
        await asyncio.sleep(1.5)  # every call has been served once
        ticking = asyncio.create_task(_ticks())
        if row == ROWS[2]:
            await asyncio.sleep(1)
            await store.add(_notice())
        late = await ticking
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        shelf.close()
    return late


@asynccontextmanager
async def _standing(
    path: Path, place: Path, row: str
) -> AsyncIterator[tuple[Noticeboard, Announcements]]:
    async with AsyncExitStack() as stack:
        database = await Database.open(f"sqlite+aiosqlite:///{path}")
        stack.push_async_callback(database.close)
        store = Announcements(database)
        if row == ROWS[3]:
            for _ in range(100):
                await store.add(_notice())
        board = Noticeboard(store, place, FORMS)
        if row != ROWS[0]:
            await stack.enter_async_context(board.watched())
        yield board, store


def _clips(place: Path) -> Clips:
    return Clips(place / "built", Takes(place / "none"), {"cmn": ("espeak",)}, _VOICES)


async def _call(board: Noticeboard, speaker: Speaker, begin: float) -> None:
    await asyncio.sleep(begin)
    while True:
        for announcement in board.at("hotline")[:1]:
            said = tuple(place.item for place in announcement.said["cmn"])
            speaker.sound(said, 100, 0, "alaw")
        speaker.sound(MENU, 100, 0, "alaw")
        await asyncio.sleep(1)


async def _ticks() -> list[float]:
    late, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        due = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        late.append((time.perf_counter() - due) * 1000)
    return late


def _show(late: dict[str, list[float]]) -> None:
    table = Table(title=f"{CALLS} calls, one look every {LOOK:g} s: ticks late, in milliseconds")
    table.add_column("what is announced")
    for column in ("p50", "p99", "worst"):
        table.add_column(column, justify="right")
    for row, times in late.items():
        table.add_row(row, *(f"{value:.2f}" for value in np.percentile(times, [50, 99, 100])))
    Console().print(table)


_VOICES = {"espeak": Espeak()}

if __name__ == "__main__":
    asyncio.run(main())
