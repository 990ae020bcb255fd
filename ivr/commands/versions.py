"""`ivr versions`: every version that was published, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from ivr import screen
from ivr.commands.options import StateDir
from ivr.config import Settings
from ivr.flow.history import Standing, standing
from ivr.project import disk
from ivr.running import taken
from ivr.store.versions import Version
from ivr.versions import publishing


def versions(state_dir: StateDir = None) -> None:
    """List the published versions, the newest first, with the calls that each has led."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        known, now, calls, led = asyncio.run(_ask(settings))
        if known:
            screen.table(_table(known, now, calls))
        screen.line(_told(known, led, disk.sources(settings).version))


async def _ask(
    settings: Settings,
) -> tuple[list[Version], Standing, Mapping[str, int], Any]:
    async with publishing.opened(settings) as (stored, records):
        now = standing(await stored.history())
        return await stored.all(), now, await records.by_version(), await taken.led(settings)


def _table(known: list[Version], now: Standing, calls: Mapping[str, int]) -> Table:
    table = Table("version", "published", "by", "calls", "state", "why")
    for version in reversed(known):
        when = f"{version.published.astimezone():%Y-%m-%d %H:%M}"
        led = str(calls.get(version.id, 0))
        state = now.states.get(version.id, "")
        row = (version.id, when, version.author, led, state, version.message)
        table.add_row(*(Text(cell) for cell in row))  # what people wrote is no markup
    return table


def _told(known: list[Version], led: Any, files: str) -> str:
    if led is None:
        nothing = "" if known else "nothing was published yet; "
        return f"{nothing}no hotline runs here; the files on disk are version {files}"
    return f"the hotline here: {taken.spoken(led)}"
