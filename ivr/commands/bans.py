"""`ivr bans`: who is not heard at the SIP port any more, and how one is let in again."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import typer

from ivr import screen
from ivr.commands.opening import has_run
from ivr.commands.options import StateDir
from ivr.config import Settings
from ivr.errors import IvrError, nearest
from ivr.switch import gatekeeper
from ivr.switch.strangers import Ban

app = typer.Typer(help="Who is not heard at the SIP port any more.", invoke_without_command=True)


@app.callback()
def bans(context: typer.Context, state_dir: StateDir = None) -> None:
    """List who is banned because of passwords guessed, and until when."""
    if context.invoked_subcommand:
        return
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        now = time.time()
        held = _held(settings)
        if not held:
            screen.line("nobody is banned")
        for address, ban in sorted(held.items(), key=lambda item: -item[1].until):
            until = datetime.fromtimestamp(ban.until).astimezone()
            left = timedelta(seconds=round(ban.until - now))
            screen.line(f"{address:<16} until {until:%Y-%m-%d %H:%M}, {left}; time {ban.times}")


@app.command()
def lift(address: str, state_dir: StateDir = None) -> None:
    """Let an address in again, at once."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        held = _held(settings)
        if address not in held:
            raise IvrError(f"{address} is not banned{nearest(address, held)}")
        kept = gatekeeper.kept(settings.state)
        del kept.bans[address]
        gatekeeper.keep(settings.state, kept)
        screen.line(f"{address} is heard again")


def _held(settings: Settings) -> dict[str, Ban]:
    has_run(settings)
    now = time.time()
    return {a: ban for a, ban in gatekeeper.kept(settings.state).bans.items() if ban.until > now}
