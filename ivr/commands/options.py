"""Options that several commands have."""

from __future__ import annotations

import getpass
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ivr.errors import IvrError

StateDir = Annotated[Path | None, typer.Option(help="Where this instance keeps its state.")]
HttpPort = Annotated[int | None, typer.Option(help="The operators' pages and API.")]
Day = Annotated[str | None, typer.Option(help="Such as 2026-11-25; else today.")]
SipPort = Annotated[int | None, typer.Option(help="SIP over UDP.")]
Author = Annotated[str | None, typer.Option(help="Who decides; else the user of this system.")]
Message = Annotated[str, typer.Option("--message", "-m", help="Why, for who asks later.")]


def midnight(day: str | None) -> datetime:
    """Return when a day, or today, begins by this machine's clock. Raises IvrError for no day."""
    try:
        given = datetime.strptime(day, "%Y-%m-%d") if day else datetime.now()
    except ValueError:
        raise IvrError(f"--day is such as 2026-11-25, not '{(day or '')[:20]}'") from None
    return datetime(given.year, given.month, given.day).astimezone()


def user() -> str:
    """Return the user of this system, by number where it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
