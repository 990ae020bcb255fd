"""`ivr agent`: where an agent stands, and that changed."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from ivr import asking, config, screen
from ivr.commands.options import StateDir
from ivr.desk.duty import REASONS, Duty, Standing
from ivr.errors import IvrError, nearest

DOES = ("show", "on", "off", "pause", "resume")


def agent(
    number: Annotated[str, typer.Argument(help="The agent's number.")],
    do: Annotated[str, typer.Argument(help=", ".join(DOES))] = "show",
    reason: Annotated[str, typer.Argument(help=f"Of a pause: {', '.join(REASONS.values())}.")] = "",
    state_dir: StateDir = None,
) -> None:
    """Tell whether an agent is on duty, and change it: on, off, pause REASON, resume."""
    with screen.told():
        settings = config.settings(state_dir=state_dir)
        if do not in DOES:
            raise IvrError(f"an agent cannot be told '{do}'{nearest(do, DOES)}")
        if reason and do != "pause":
            raise IvrError("only a pause has a reason")
        path = f"/api/agents/{number}/duty"
        said: Any = asyncio.run(asking.ask(settings, "GET", path))
        # A pause is ended; who is off duty stays so.
        if do in ("on", "off", "pause") or (do == "resume" and said["duty"] == Duty.PAUSED):
            duty = {"pause": Duty.PAUSED, "resume": Duty.ON}.get(do, do)
            body = {"duty": duty, "reason": reason}
            said = asyncio.run(asking.ask(settings, "PUT", path, body))
    standing = Standing(Duty(said["duty"]), said["reason"])
    since = f", since {said['since']} by {said['by']}" if said["since"] else ""
    later = "" if said.get("switch_told", True) else "; the switch is told as soon as it answers"
    screen.out.print(f"{number}: {standing}{since}{later}", markup=False, highlight=False)
