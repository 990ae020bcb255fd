"""`ivr run`: one part alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from ivr import screen
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.running import run


def run_part(
    part: Annotated[str, typer.Argument(help="switch, controller or backend")],
    with_parent: Annotated[int, typer.Option(help="End when this process is gone.")] = 0,
    drafts: Annotated[bool, typer.Option(help="The controller: what --watch hands over.")] = False,
) -> None:
    """Run one part in the foreground, as `ivr up` and containers do."""
    if with_parent:
        run.end_with_parent(with_parent)
    settings = screen.settings()

    def controller(settings: Settings) -> None:
        from ivr.assembly import leading  # the whole controller, which no other command needs

        leading.lead(settings, of_drafts=drafts)

    parts: dict[str, Callable[[Settings], None]] = {
        "switch": run.switch,
        "controller": controller,
        "backend": run.demo_backend,
    }
    with screen.told(settings):
        if part not in parts:
            raise IvrError(f"there is no part '{part}'; there are {', '.join(parts)}")
        run.log_to(settings, part)
        parts[part](settings)
