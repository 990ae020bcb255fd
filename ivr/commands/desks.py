"""`ivr desks`: who answers what, and the switch given what is written anew."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import typer
from rich.table import Table

from ivr import config, screen
from ivr.agents import applying
from ivr.commands.opening import opened
from ivr.commands.options import Day, StateDir, midnight
from ivr.config import Settings
from ivr.desk.lines import AT_FIRST
from ivr.errors import IvrError
from ivr.past.figures import Figure
from ivr.past.tellings import LONGEST, errors
from ivr.project import disk
from ivr.store.tellings import Tellings
from ivr.store.waits import TooMany, Waits
from ivr.switch.queues import Line

app = typer.Typer(help="The desks with their lines, and who answers them.")


@app.callback(invoke_without_command=True)
def desks(context: typer.Context, state_dir: StateDir = None) -> None:
    """List the desks of desks.yaml with their lines, and the agents of each, the best first."""
    if context.invoked_subcommand:
        context.obj = state_dir
        return
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        furniture = applying.check(settings).desks
        assert furniture is not None
        lines = disk.lines(settings, furniture)
    table = Table("line", "agents", "capacity", "hours", "number")
    for line in lines:
        desk = line.desk
        row = [line.queue, _agents(line), str(desk.capacity or "any"), desk.hours or "always"]
        table.add_row(*row, desk.number or "")
    screen.table(table)


def _agents(line: Line) -> str:
    """Return the agents of a line, the best first, those in brackets whom only time brings."""
    best = sorted(line.penalties, key=lambda number: line.penalties[number])
    return " ".join(n if line.penalties[n] <= AT_FIRST else f"({n})" for n in best)


@app.command()
def apply(context: typer.Context, state_dir: StateDir = None) -> None:
    """Give desks, agents and the codes of ivr.yaml to the switch that runs; no call is harmed."""
    settings = screen.settings(state_dir=state_dir or context.obj)
    with screen.told(settings):
        applying.to_switch(settings, screen.line)


@app.command("wait-error")
def wait_error(
    context: typer.Context,
    day: Day = None,
    state_dir: StateDir = None,
) -> None:
    """Show how far off the waits were that callers were told on a day, desk by desk."""
    with screen.told():
        settings = config.settings(state_dir=state_dir or context.obj)
        begin = midnight(day)
        found = asyncio.run(_errors(settings, begin))
    if not found:
        screen.line(f"nobody was told a wait on {begin:%Y-%m-%d}")
        return
    titles = ("told", "answered", "off by", "median", "9 of 10", "estimate", "bias", "too little")
    table = Table("desk", *titles)
    for desk, figures in found.items():
        table.add_row(desk, *(_shown(figure, name == "bias") for name, figure in figures.items()))
    screen.table(table)


async def _errors(settings: Settings, begin: datetime) -> dict[str, dict[str, Figure]]:
    end = begin + timedelta(days=1)
    async with await opened(settings) as database:
        try:
            told = await Tellings(database).between(begin, end)
            waits = await Waits(database).between(begin - LONGEST, end + LONGEST)
        except TooMany as refusal:
            raise IvrError(str(refusal)) from refusal
    return errors(told, waits)


def _shown(figure: Figure, signed: bool) -> str:
    if figure.value is None:
        return "-"
    if figure.unit == "seconds":
        return f"{figure.value:{'+' if signed else ''}.0f} s"
    return f"{figure.value:.0%}" if figure.unit == "share" else f"{figure.value:.0f}"
