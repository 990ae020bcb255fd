"""`ivr desks`: who answers what, and the switch given what is written anew."""

from __future__ import annotations

import typer
from rich.table import Table

from ivr import applying, config, disk, screen
from ivr.commands.options import StateDir
from ivr.desk.lines import AT_FIRST
from ivr.switch.queues import Line

app = typer.Typer(help="The desks with their lines, and who answers them.")


@app.callback(invoke_without_command=True)
def desks(context: typer.Context, state_dir: StateDir = None) -> None:
    """List the desks of desks.yaml with their lines, and the agents of each, the best first."""
    if context.invoked_subcommand:
        context.obj = state_dir
        return
    with screen.told():
        settings = config.settings(state_dir=state_dir)
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
    """Give desks.yaml and agents.yaml to the switch that runs; no call is harmed."""
    with screen.told():
        settings = config.settings(state_dir=state_dir or context.obj)
    with screen.told(settings):
        applying.to_switch(applying.running(settings), screen.line)
