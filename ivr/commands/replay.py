"""`ivr replay`: calls that were, on the flows as they are written now."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ivr import screen
from ivr.commands import records
from ivr.commands.options import StateDir
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.past import parting
from ivr.past.parting import Replayed, Row
from ivr.past.replay import replay as walk
from ivr.past.turns import too_poor
from ivr.project import disk

STYLES = {"-": "red", "+": "green", " ": ""}
KEPT_BACK = (
    "What back ends told is not kept: a look-up answers found, missing or failed as it did, "
    "with sample values."
)


def replay(
    what: Annotated[
        list[str] | None, typer.Argument(help="Drafts of flows (FILE.yaml), or one call's id.")
    ] = None,
    since: Annotated[
        str, typer.Option(help="today, yesterday, or a date such as 2026-11-20.")
    ] = "yesterday",
    flow: Annotated[str | None, typer.Option(help="Only calls that began in this flow.")] = None,
    step: Annotated[bool, typer.Option("--step", help="Open one call, moment by moment.")] = False,
    state_dir: StateDir = None,
) -> None:
    """Tell which calls of the past would end elsewhere on the flows as they are now."""
    drafts = [Path(each) for each in what or () if each.endswith((".yaml", ".yml"))]
    ids = [each for each in what or () if not each.endswith((".yaml", ".yml"))]
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        if len(ids) > 1 or (step and not ids):
            raise IvrError("one call at a time: ivr replay CALL --step")
        project, _ = disk.load(settings, drafts)
        if ids:
            _one(project, asyncio.run(records.find(settings, ids[0])), step)
        else:
            asyncio.run(_many(settings, project, moment(since, datetime.now().astimezone()), flow))


def moment(since: str, now: datetime) -> datetime:
    """Return the beginning of a day, by the clock of `now`. Raises `IvrError` for no day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        given = days.get(since) or datetime.fromisoformat(since)
    except ValueError:
        raise IvrError(
            f"--since: today, yesterday, or a date such as 2026-11-20; this is '{since}'"
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=now.tzinfo)


async def _many(settings: Settings, project: Project, since: datetime, flow: str | None) -> None:
    began = time.perf_counter()
    replayed: list[Replayed] = []
    poor: Counter[str] = Counter()
    async with records.kept(settings) as calls:
        async for some in calls.since(since):
            for record in some:
                if flow is not None and record.flow != flow:
                    continue
                if why := _why_not(record, project):
                    poor[why] += 1
                else:
                    replayed.append(walk(record, project))
    took = time.perf_counter() - began
    count = len(replayed) + poor.total()
    if not count:
        of = f" of flow {flow}" if flow else ""
        raise IvrError(f"there is no call{of} since {since:%Y-%m-%d %H:%M}")
    screen.line(f"{count:,} calls since {since:%Y-%m-%d %H:%M}, on version {project.version}:")
    for line in parting.report(replayed, poor):
        screen.line(line)
    screen.line(f"\n{KEPT_BACK}\n{took:.1f} s. One of them: ivr replay CALL --step")


def _why_not(record: CallRecord, project: Project) -> str:
    if record.flow not in project.flows:
        return f"there is no flow {record.flow} any more"
    return too_poor(record)


def _one(project: Project, record: CallRecord, step: bool) -> None:
    if why := _why_not(record, project):
        raise IvrError(f"call {record.id} cannot be replayed: {why}")
    replayed = walk(record, project)
    screen.line(parting.line(replayed))
    for errand in replayed.assumed:
        screen.line(f"it comes to {errand}, which it did not then: taken as it usually answers")
    screen.line(f"- then, version {record.version}   + now, version {project.version}\n")
    stepping = step and screen.out.is_terminal
    if stepping:
        screen.line("a key for the next moment, a for all that is left, q to end\n")
    for row in _shown(parting.rows(replayed), stepping):
        screen.out.print(Text(f"{row.sign} {row.text}", STYLES[row.sign]))
    if any(asked.outcome == "found" for asked in record.asked or ()):
        screen.line(f"\n{KEPT_BACK}")


def _shown(rows: list[Row], stepping: bool) -> Iterator[Row]:
    """Yield the rows, one for each key where they are stepped through."""
    for row in rows:
        yield row
        if stepping:
            key = typer.getchar()
            if key in "qQ\x03\x04":
                return
            stepping = key not in "aA"
