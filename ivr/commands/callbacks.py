"""`ivr callbacks`: who is to be called back, who has been, and what became of the promises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from ivr import config, screen
from ivr.commands.opening import opened
from ivr.commands.options import StateDir
from ivr.desk.agenda import Booking, State
from ivr.errors import IvrError
from ivr.past.promises import promises
from ivr.store.bookings import LIVE, Bookings

T = TypeVar("T")
# Promises listed at most; `ivr callbacks figures` counts them all.
MOST = 1000
app = typer.Typer(help="Who is to be called back; the earliest promise first.")
Id = Annotated[int, typer.Argument(help="The number that `ivr callbacks` shows.")]


@app.callback(invoke_without_command=True)
def callbacks(
    context: typer.Context,
    state: Annotated[
        list[State] | None,
        typer.Option(help="What is listed: open and dialling unless given. May be repeated."),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """List who is to be called back; the earliest promise first."""
    if context.invoked_subcommand:
        context.obj = state_dir
        return
    states = tuple(state or LIVE)
    with screen.told():
        found = _with(state_dir, lambda bookings: bookings.listed(states, MOST))
    if not found:
        screen.line("nobody is to be called back" if not state else "there are none")
        return
    columns = ("id", "state", "until", "number", "language", "desk", "attempts", "asked", "call")
    table = Table(*columns)
    for booking in found:
        table.add_row(*_row(booking, datetime.now(UTC)))
    screen.table(table)
    if config.settings(state_dir=state_dir).trunk is None:
        screen.line("nothing dials by itself: there is no `trunk` in ivr.yaml")


@app.command()
def done(context: typer.Context, id: Id, state_dir: StateDir = None) -> None:
    """Take one off whom somebody has called back by hand."""
    _take_off(state_dir or context.obj, id, Bookings.done)
    screen.line(f"{id} is done")


@app.command()
def cancel(context: typer.Context, id: Id, state_dir: StateDir = None) -> None:
    """Call nobody back: the caller does not want it any more."""
    _take_off(state_dir or context.obj, id, Bookings.cancel)
    screen.line(f"{id} is cancelled")


@app.command()
def figures(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=366, help="So many, and today.")] = 7,
    state_dir: StateDir = None,
) -> None:
    """Tell what became of the promises, by desk and the day they were promised for."""
    now = datetime.now(UTC)
    ago = now - timedelta(days=days)
    with screen.told():
        found = promises(
            _with(
                state_dir or context.obj,
                lambda bookings: bookings.between(ago, now + timedelta(days=8)),
            )
        )
    if not found:
        screen.line("nothing was promised")
        return
    table = Table("desk", "day", "promised", *(str(state) for state in State), "kept in time")
    for each in found:
        counts = [str(len(each.calls[state])) for state in State]
        share = "" if each.share is None else f"{each.share:.1%}"
        table.add_row(each.desk, f"{each.day}", str(each.promised), *counts, share)
    screen.table(table)


def _take_off(
    state_dir: object, id: int, change: Callable[[Bookings, int, datetime], Awaitable[bool]]
) -> None:
    with screen.told():
        if not _with(state_dir, lambda bookings: change(bookings, id, datetime.now(UTC))):
            raise IvrError(f"there is no call back {id} to be kept; `ivr callbacks` lists them")


def _with(state_dir: object, ask: Callable[[Bookings], Awaitable[T]]) -> T:
    settings = config.settings(state_dir=state_dir)

    async def asked() -> T:
        async with await opened(settings) as database:
            return await ask(Bookings(database))

    return asyncio.run(asked())


def _row(booking: Booking, now: datetime) -> tuple[str, ...]:
    is_late = not booking.state.is_over and booking.promised < now
    return (
        str(booking.id),
        f"{booking.state}, late" if is_late else str(booking.state),
        _shown(booking.promised),
        booking.number or "(deleted)",
        booking.language,
        booking.desk,
        str(booking.attempts),
        _shown(booking.asked),
        booking.call,
    )


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
