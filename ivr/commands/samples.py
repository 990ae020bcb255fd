"""`ivr samples`: the talks of a week that somebody shall look at, drawn by rule."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ivr import config, screen
from ivr.commands.opening import opened
from ivr.commands.options import StateDir
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.past.figures import AGAIN
from ivr.past.samples import EACH, Sample, samples, week
from ivr.store.marks import Marks
from ivr.store.waits import TooMany, Waits


def show(
    week_: Annotated[
        str | None, typer.Option("--week", help="Such as 2026-W48; else the last whole one.")
    ] = None,
    each: Annotated[int, typer.Option(min=0, max=100, help="Talks drawn of each agent.")] = EACH,
    agent: Annotated[str | None, typer.Option(help="Only those of the agent of this name.")] = None,
    state_dir: StateDir = None,
) -> None:
    """List the talks of a week to look at: some of each agent, low marks, who called again."""
    with screen.told():
        settings = config.settings(state_dir=state_dir)
        name = week_ or f"{date.today() - timedelta(days=7):%G-W%V}"
        found = asyncio.run(_samples(settings, name, each))
    mine = [sample for sample in found if agent in (None, sample.talk.agent)]
    if not mine:
        screen.line(f"nobody talked to a caller in {name}, or nobody is to be looked at")
        return
    table = Table("agent", "call", "desk", "began", "talked", "mark", "why")
    for sample in mine:
        talk = sample.talk
        began, talked = f"{talk.began.astimezone():%m-%d %H:%M}", f"{talk.talked:.0f} s"
        mark = "" if sample.mark is None else str(sample.mark)
        row = [talk.agent, talk.call, talk.desk, began, talked, mark, ", ".join(sample.why)]
        table.add_row(*map(Text, row))
    screen.table(table)


async def _samples(settings: Settings, name: str, each: int) -> list[Sample]:
    try:
        begin, end = (_midnight(day) for day in week(name))
    except ValueError:
        raise IvrError(f"--week is such as 2026-W48, not '{name[:20]}'") from None
    async with await opened(settings) as database:
        try:
            known = await Waits(database).between(begin, end + AGAIN)
        except TooMany as fault:
            raise IvrError(str(fault)) from None
        given = await Marks(database).between(begin, end + AGAIN)
    marks = {mark.call: mark.mark for mark in given}
    return samples(known, marks, begin, end, name, each)


def _midnight(day: date) -> datetime:
    """Return when a day begins on this machine's clock."""
    return datetime(day.year, day.month, day.day).astimezone(UTC)
