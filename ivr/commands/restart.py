"""`ivr restart`: other controllers take over the calls."""

from __future__ import annotations

from ivr import screen
from ivr.commands.options import StateDir
from ivr.running import detached, preparing


def restart(state_dir: StateDir = None) -> None:
    """Start the controllers anew, after an upgrade, say; no call is dropped."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        detached.restart(settings, preparing.prepare_sounds)
    screen.out.print("the controller was started anew, and calls go on", markup=False)
