"""`ivr prepare`: what takes minutes at the first start, done before."""

from __future__ import annotations

from ivr import screen
from ivr.running import preparing


def prepare() -> None:
    """Put the switch there and build every sound, so that `ivr up` takes seconds."""
    settings = screen.settings()
    with screen.told(settings):
        preparing.prepare(settings)
