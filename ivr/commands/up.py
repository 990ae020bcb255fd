"""`ivr up`: the whole hotline, in the foreground or in the background."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from ivr import claim, config, detached, screen, taken
from ivr import up as hotline
from ivr.commands.options import HttpPort, SipPort, StateDir
from ivr.config import Settings
from ivr.saves import Desk, Saves


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Run in the background.")] = False,
    sip_port: SipPort = None,
    http_port: HttpPort = None,
    agi_port: Annotated[int | None, typer.Option(help="FastAGI, on this machine.")] = None,
    ami_port: Annotated[int | None, typer.Option(help="AMI, on this machine.")] = None,
    backend_port: Annotated[int | None, typer.Option(help="The demo back end.")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Let every save that is right lead calls.")
    ] = False,
    state_dir: StateDir = None,
) -> None:
    """Run the hotline: the switch, the controller and the demo back end."""
    with screen.told():
        settings = config.settings(
            sip_port=sip_port,
            http_port=http_port,
            agi_port=agi_port,
            ami_port=ami_port,
            backend_port=backend_port,
            state_dir=state_dir,
        )
    with screen.told(settings):
        with claim.held(settings.state):
            claim.check_ports(settings)
            led = screen.prepare_draft(settings) if watch else screen.prepare(settings)
            if not detach:
                saves = Saves(settings, led.serves, _desk(settings)) if watch else None
                ready = partial(screen.show, settings, led)
                hotline.run(settings, screen.line, ready, saves.watch if saves else None)
        if detach:
            detached.detach(settings, *(["--watch"] if watch else []))
            screen.show(settings, led)


def _desk(settings: Settings) -> Desk:
    return Desk(
        screen.line,
        partial(screen.mistakes, settings),
        partial(screen.build, settings),
        partial(taken.draft, settings),
    )
