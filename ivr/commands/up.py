"""`ivr up`: the whole hotline, in the foreground or in the background."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ivr import screen
from ivr.commands.options import HttpPort, SipPort, StateDir
from ivr.config import Settings
from ivr.project import disk
from ivr.running import claim, detached, preparing, taken
from ivr.running import up as hotline
from ivr.versions.saves import Desk, Saves
from ivr.versions.served import Led, shown


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
    settings = screen.settings(
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
            led = preparing.prepare_draft(settings) if watch else preparing.prepare(settings)
            if not detach:
                saves = Saves(settings, led.serves, _desk(settings)) if watch else None
                ready = partial(_show, settings, led)
                hotline.run(settings, screen.line, ready, saves.watch if saves else None)
        if detach:
            detached.detach(settings, *(["--watch"] if watch else []))
            _show(settings, led)


def _desk(settings: Settings) -> Desk:
    return Desk(
        screen.line,
        partial(screen.mistakes, settings),
        partial(preparing.build, settings),
        partial(taken.draft, settings),
    )


def _show(settings: Settings, led: Led) -> None:
    """Print what leads the calls, what to dial, an agent to register, the pages, the logs."""
    furniture = disk.furniture(settings)
    agent, number = next(iter(furniture.agents)), next(iter(settings.numbers))
    sip = f"{settings.sip_host.replace('0.0.0.0', '127.0.0.1')}:{settings.sip_port}"
    port = "" if settings.sip_port == 5060 else f" --sip-port {settings.sip_port}"
    state = "" if settings.state_dir == Path("var") else f" --state-dir {settings.state_dir}"
    screen.out.print(
        f"""
The hotline is up.

  flows     {shown(led, disk.sources(settings).version)}
  dial      {number} at sip:{number}@{sip} (UDP, no registration), from a softphone or with
            .venv/bin/ivr call {number}{port} --keys "1@2 1@5 *@9" --record heard.wav
  agent     register {agent} at {sip}
  pages     {settings.web_url}/, as operator  ·  /healthz  ·  /api/calls
  passwords .venv/bin/ivr agents --secrets{state}
  back end  {settings.backend_url}/customers/13800138000
  logs      {settings.state_dir / "log"}
""",
        markup=False,
    )
