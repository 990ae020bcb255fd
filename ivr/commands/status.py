"""`ivr status`: how each part of the hotline is."""

from __future__ import annotations

import asyncio
from typing import Any

import typer

from ivr import screen
from ivr.commands.options import HttpPort, StateDir
from ivr.errors import IvrError
from ivr.running import asking, claim


def status(state_dir: StateDir = None, http_port: HttpPort = None) -> None:
    """Tell how each part is; exits with 1 when one is not well."""
    settings = screen.settings(state_dir=state_dir, http_port=http_port)
    with screen.told(settings):
        there = claim.running(settings.state)
        if there is None and http_port is None:
            raise IvrError(f"no hotline runs on {settings.state}")
        said: Any = asyncio.run(asking.fetch(claim.at(settings, there), asking.HEALTH))
    for name, part in said["parts"].items():
        state = "well" if part["ok"] else "NOT WELL"
        screen.out.print(f"{name:<12}{state:<10}pid {part['pid'] or '-'}  {part.get('detail', '')}")
    if not said["ok"]:
        raise typer.Exit(1)
