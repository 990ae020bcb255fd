"""`ivr drain`: no new callers, and the end with the last call."""

from __future__ import annotations

from ivr import config, draining, screen
from ivr.commands.options import StateDir


def drain(state_dir: StateDir = None) -> None:
    """Refuse new callers, and end the hotline when the last call is over."""
    with screen.told():
        settings = config.settings(state_dir=state_dir)
    with screen.told(settings):
        draining.drain(settings, screen.line)
    screen.out.print("the last call is over, and the hotline has ended", markup=False)
