"""`ivr explain`: one call in plain words."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from ivr import screen
from ivr.commands import records
from ivr.commands.options import StateDir
from ivr.past import explain as past
from ivr.past.call_back import promised
from ivr.project import disk


def explain(
    call: Annotated[
        str | None,
        typer.Argument(help="Its id, as the pages and logs show it; the newest call unless given."),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Tell one call in plain words: second by second, how it ended, and what stands out."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        record = asyncio.run(records.find(settings, call or asyncio.run(records.newest(settings))))
        # What lies on disk tells of its own prompts only where the call ran on it.
        loaded = disk.check(settings).project
        known = loaded if loaded.version == record.version else None
        zone = datetime.now().astimezone().tzinfo
        assert zone is not None  # astimezone gives one
        for line in past.explain(record, zone, known):
            screen.line(line)
        if found := asyncio.run(records.promise(settings, record.id)):
            screen.line("")
            for line in promised(*found, zone):
                screen.line(line)
