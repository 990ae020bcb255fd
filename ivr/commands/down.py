"""`ivr down`: the hotline in the background is ended."""

from __future__ import annotations

from ivr import screen
from ivr.commands.options import StateDir
from ivr.running import detached


def down(state_dir: StateDir = None) -> None:
    """End the hotline that runs in the background."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        ended = detached.end(settings)
    screen.out.print("the hotline has ended" if ended else "no hotline runs here", markup=False)
