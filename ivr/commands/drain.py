"""`ivr drain`: no new callers, and the end with the last call."""

from __future__ import annotations

from ivr import screen
from ivr.commands.options import StateDir
from ivr.running import draining


def drain(state_dir: StateDir = None) -> None:
    """Refuse new callers, and end the hotline when the last call is over."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        draining.drain(settings, screen.line)
    screen.out.print("the last call is over, and the hotline has ended", markup=False)
