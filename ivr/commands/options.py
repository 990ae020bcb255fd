"""Options that several commands have."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

StateDir = Annotated[Path | None, typer.Option(help="Where this instance keeps its state.")]
HttpPort = Annotated[int | None, typer.Option(help="The operators' pages and API.")]
SipPort = Annotated[int | None, typer.Option(help="SIP over UDP.")]
Author = Annotated[str | None, typer.Option(help="Who decides; else the user of this system.")]
Message = Annotated[str, typer.Option("--message", "-m", help="Why, for who asks later.")]


def user() -> str:
    """Return the user of this system, by number where it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
