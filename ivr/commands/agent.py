"""`ivr agent`: where an agent stands, and that changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from ivr import config, screen
from ivr.commands.options import StateDir
from ivr.desk.duty import REASONS, Duty, Standing
from ivr.errors import IvrError, nearest
from ivr.running import asking

DOES = ("show", "on", "off", "pause", "resume")


def agent(
    number: Annotated[str, typer.Argument(help="The agent's number.")],
    do: Annotated[str, typer.Argument(help=", ".join(DOES))] = "show",
    reason: Annotated[str, typer.Argument(help=f"Of a pause: {', '.join(REASONS.values())}.")] = "",
    state_dir: StateDir = None,
) -> None:
    """Tell whether an agent is on duty and how it is at her desks, and change her duty."""
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
        picture: Any = asyncio.run(asking.ask(settings, "GET", "/api/desks"))
    standing = Standing(Duty(said["duty"]), said["reason"])
    since = f", since {said['since']} by {said['by']}" if said["since"] else ""
    later = "" if said.get("switch_told", True) else "; the switch is told as soon as it answers"
    screen.line(f"{number}: {standing}{since}{later}")
    for told in desks(picture, number):
        screen.line(told)


def desks(picture: Mapping[str, Any], number: str) -> list[str]:
    """Return how it is at each desk of an agent, by the live picture of `GET /api/desks`."""
    hers = {desk for row in picture["agents"] if row["number"] == number for desk in row["desks"]}
    found = []
    for row in picture["desks"]:
        if row["name"] in hers:
            free, waiting = row["agents"]["free"], row["waiting"]
            since = f", the first since {row['longest_waits_since']}" if waiting else ""
            found.append(f"  {row['name']}: {waiting} waiting{since}; {free} free")
    return found
