"""`ivr certificate`: one to try encryption with."""

from __future__ import annotations

from typing import Annotated

import typer

from ivr import screen
from ivr.commands.options import StateDir
from ivr.switch import tls


def certificate(
    hosts: Annotated[
        list[str] | None, typer.Argument(help="Names and addresses that phones call us by.")
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Make a certificate that nobody has signed, and print the setting that uses it."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        made, key = tls.make(settings.state / "tls", hosts or ["localhost", "127.0.0.1"])
        screen.line(f"tls: {{certificate: {made}, key: {key}}}")
