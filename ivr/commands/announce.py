"""`ivr announce` and `ivr announcements`: said to callers within a second, and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ivr import screen
from ivr.announcements import announcing
from ivr.commands.opening import has_run
from ivr.commands.options import StateDir, user
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.flow.fields import LANGUAGE_NAMES
from ivr.project import disk
from ivr.store.announcements import Announcements, Notice
from ivr.store.database import Database
from ivr.switch.files import private

announcements = typer.Typer(help="What is announced to callers just now.")


def announce(
    where: Annotated[
        list[str], typer.Option(help="A place of `announcements` nodes. May be repeated.")
    ],
    for_: Annotated[str, typer.Option("--for", help="How long: 30m, 2h, 1d.")],
    text: Annotated[str | None, typer.Argument(help="In the first language of the flow.")] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="In another one: en=…. May be repeated.")
    ] = None,
    sound: Annotated[
        list[str] | None, typer.Option(help="A sound file instead: yue=FILE. May be repeated.")
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Tell callers something, from a second after this command has ended."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        # Whatever mistakes an author may be in the middle of: only places and languages count.
        project = disk.check(settings).project
        now, by = datetime.now(UTC), user()
        notice, files = announcing.notice(
            project, text, where, language or (), sound or (), for_, by, now
        )
        with screen.stoppable(), screen.progress("announcement") as step:
            announcing.build(settings, project, notice, files, step, screen.line)
        number = asyncio.run(_keep(settings, notice))
        said = " and ".join(LANGUAGE_NAMES[code] for code in notice.texts)
        places, until = " and ".join(notice.places), _moment(notice.until)
        screen.line(f"announcement {number} is said at {places} in {said} until {until}")
        spoken = announcing.languages_at(project, notice.places)
        instead = LANGUAGE_NAMES[next(code for code in spoken if code in notice.texts)]
        for code in (each for each in spoken if each not in notice.texts):
            screen.line(f"{LANGUAGE_NAMES[code]} has no words of it: its callers hear {instead}")
        at = f" --state-dir {state_dir}" if state_dir else ""
        screen.line(f"take it back with: ivr announcements withdraw {number}{at}")


@announcements.callback(invoke_without_command=True)
def list_(context: typer.Context, state_dir: StateDir = None) -> None:
    """List what is announced, and what was within the last week."""
    if context.invoked_subcommand is not None:
        context.obj = state_dir
        return
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        now = datetime.now(UTC)
        known = asyncio.run(_known(settings, now))
    if not known:
        screen.line("nothing is announced")
        return
    table = Table(
        "", "what", "where", "languages", "since", "until", "by", "calls", show_lines=True
    )
    for notice in known:
        table.add_row(*map(Text, _row(notice, now)))
    screen.table(table)


@announcements.command()
def withdraw(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="As the list shows it.")],
    state_dir: StateDir = None,
) -> None:
    """Take an announcement back: within a second no call hears it any more."""
    settings = screen.settings(state_dir=state_dir or context.obj)
    with screen.told(settings):
        if not asyncio.run(_withdraw(settings, number)):
            raise IvrError(f"there is no announcement {number}, or it is over")
        screen.line(f"announcement {number} is withdrawn")


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Announcements]:
    private(settings.state)
    async with await Database.open(settings.records_url) as database:
        yield Announcements(database)


async def _keep(settings: Settings, notice: Notice) -> int:
    async with _store(settings) as store:
        return await announcing.keep(settings, store, notice, screen.line)


async def _known(settings: Settings, now: datetime) -> list[Notice]:
    has_run(settings)
    async with _store(settings) as store:
        return list(reversed(await store.since(now - announcing.KEPT)))


async def _withdraw(settings: Settings, number: int) -> bool:
    has_run(settings)
    async with _store(settings) as store:
        return await store.withdraw(number, datetime.now(UTC))


def _row(notice: Notice, now: datetime) -> tuple[str, ...]:
    until = _moment(notice.until)
    if notice.until <= now:
        until = f"{'withdrawn' if notice.withdrawn else 'over'}\n{until}"
    return (
        str(notice.id),
        next(iter(notice.texts.values())),
        "\n".join(notice.places),
        " ".join(notice.texts),
        _moment(notice.since),
        until,
        notice.by,
        str(notice.heard),
    )


def _moment(moment: datetime) -> str:
    """Return a moment as the clock on this wall shows it."""
    return moment.astimezone().strftime("%m-%d %H:%M")
