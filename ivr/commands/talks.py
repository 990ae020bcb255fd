"""`ivr talks`: the recorded talks, found and deleted."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from ivr import config, screen
from ivr.commands.opening import opened
from ivr.commands.options import StateDir, midnight
from ivr.config import Settings
from ivr.errors import FlowError, IvrError
from ivr.past.tapes import Tape
from ivr.project import disk
from ivr.records.archive import deleted, file_of
from ivr.store.talks import MOST, Talks

app = typer.Typer(help="The recorded talks, the newest first.")

Call = Annotated[str | None, typer.Option(help="A call's id, or that of a part of it.")]
Number = Annotated[str | None, typer.Option(help="The caller's number.")]


@app.callback(invoke_without_command=True)
def talks(
    context: typer.Context,
    call: Call = None,
    number: Number = None,
    agent: Annotated[str | None, typer.Option(help="Her number, or her name.")] = None,
    day: Annotated[str | None, typer.Option(help="Such as 2026-11-25; else all.")] = None,
    state_dir: StateDir = None,
) -> None:
    """List the recorded talks, the newest first."""
    if context.invoked_subcommand:
        context.obj = state_dir
        return
    with screen.told():
        settings = config.settings(state_dir=state_dir)
        wanted: dict[str, Any] = {"call": call, "caller": number}
        if agent:
            wanted["agents"] = _names(settings, agent)
        if day:
            wanted["begin"] = midnight(day)
            wanted["end"] = wanted["begin"] + timedelta(days=1)
        found = asyncio.run(_found(settings, wanted))
    if not found:
        screen.line("no talk is recorded" if not any(wanted.values()) else "no such talk")
        return
    table = Table("began", "seconds", "number", "desk", "agent", "kept until", "file")
    for tape in found:
        began, until = (f"{at.astimezone():%Y-%m-%d %H:%M}" for at in (tape.began, tape.keep_until))
        file = str(file_of(settings.talks, tape.name))
        row = [began, f"{tape.seconds:.0f}", tape.caller, tape.desk, tape.agent, until, file]
        table.add_row(*row)
    screen.table(table)
    if len(found) == MOST:
        screen.line(f"these are the newest {MOST}; name a day, an agent or a number for others")


@app.command()
def delete(
    context: typer.Context,
    call: Call = None,
    number: Number = None,
    state_dir: StateDir = None,
) -> None:
    """Delete the talks of one call, or of one caller."""
    with screen.told():
        if not (call or number):
            raise IvrError("whose? --call ID or --number NUMBER")
        settings = config.settings(state_dir=state_dir or context.obj)
        count = asyncio.run(_deleted(settings, {"call": call, "caller": number}))
        if not count:
            raise IvrError("no such talk; `ivr talks` lists them")
    screen.line(f"deleted: {count}")


def _names(settings: Settings, agent: str) -> list[str]:
    """Return what the agent of a number is called, or what was given, which may be a name."""
    try:
        agents = disk.furniture(settings).agents
    except FlowError:
        return [agent]
    return [agent, *(str(known.name) for number, known in agents.items() if number == agent)]


async def _found(settings: Settings, wanted: dict[str, Any]) -> list[Tape]:
    async with await opened(settings) as database:
        return await Talks(database).find(**wanted)


async def _deleted(settings: Settings, wanted: dict[str, Any]) -> int:
    count = 0
    async with await opened(settings) as database:
        kept = Talks(database)
        while found := await kept.find(**wanted):
            for tape in found:
                await deleted(kept, settings.talks, tape)
            count += len(found)
    return count
