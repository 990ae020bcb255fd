"""`ivr callbacks`: who is to be called back, and who has been."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from ivr import config, screen
from ivr.commands.options import StateDir
from ivr.config import Settings
from ivr.desk.agenda import Booking
from ivr.errors import IvrError
from ivr.store.bookings import Bookings
from ivr.store.database import Database

app = typer.Typer(help="Who is to be called back; the earliest promise first.")


@app.callback(invoke_without_command=True)
def callbacks(context: typer.Context, state_dir: StateDir = None) -> None:
    """List who is to be called back; the earliest promise first."""
    if context.invoked_subcommand:
        context.obj = state_dir
        return
    with screen.told():
        settings = config.settings(state_dir=state_dir)
        waiting = asyncio.run(_open(settings))
    if not waiting:
        screen.line("nobody is to be called back")
        return
    table = Table("id", "until", "number", "language", "desk", "asked", "call")
    for id, booking in waiting.items():
        moments = [_shown(booking.promised), _shown(booking.asked)]
        row = [moments[0], booking.number, booking.language, booking.desk, moments[1]]
        table.add_row(str(id), *row, booking.call)
    screen.table(table)
    if settings.trunk is None:
        screen.line("nothing dials by itself: there is no `trunk` in ivr.yaml")


@app.command()
def done(
    context: typer.Context,
    id: Annotated[int, typer.Argument(help="The number that `ivr callbacks` shows.")],
    state_dir: StateDir = None,
) -> None:
    """Take one off who has been called back."""
    with screen.told():
        settings = config.settings(state_dir=state_dir or context.obj)
        if not asyncio.run(_done(settings, id)):
            raise IvrError(f"there is no call back {id}; `ivr callbacks` lists them")
    screen.out.print(f"{id} is done", markup=False)


async def _open(settings: Settings) -> dict[int, Booking]:
    database = await _database(settings)
    try:
        return await Bookings(database).open()
    finally:
        await database.close()


async def _done(settings: Settings, id: int) -> bool:
    database = await _database(settings)
    try:
        return await Bookings(database).done(id, datetime.now(UTC))
    finally:
        await database.close()


async def _database(settings: Settings) -> Database:
    if settings.database is None and not settings.state.is_dir():
        raise IvrError(f"no hotline has run on {settings.state}")
    return await Database.open(settings.records_url)


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
