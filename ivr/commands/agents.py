"""`ivr agents`: who there is, and what each does."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Table

from ivr import screen
from ivr.commands.options import HttpPort, StateDir
from ivr.config import Settings
from ivr.desk.duty import Duty, Standing
from ivr.errors import IvrError
from ivr.project import disk
from ivr.running import asking, claim, secrets


def agents(
    secrets_: Annotated[bool, typer.Option("--secrets", help="Show their passwords.")] = False,
    state_dir: StateDir = None,
    http_port: HttpPort = None,
) -> None:
    """List the agents with their state."""
    settings = screen.settings(state_dir=state_dir, http_port=http_port)
    with screen.told(settings):
        furniture = disk.furniture(settings)
        kept = secrets.load(settings.state, furniture.agents)
        known = secrets.agent_secrets(kept)
        states = _states(claim.at(settings, claim.running(settings.state)))
    table = Table("agent", "name", "skills", "state", *(["password"] if secrets_ else []))
    for number, person in furniture.agents.items():
        skills = " ".join(f"{skill}:{level}" for skill, level in person.skills.items())
        otherwise = "at no desk" if states else "unknown"
        row = [number, person.name, skills, states.get(number, otherwise)]
        table.add_row(*row, *([known[number]] if secrets_ else []))
    if secrets_:
        table.add_row(secrets.OPERATOR, "of the API", "", "", kept[secrets.OPERATOR])
    screen.table(table)


def _states(settings: Settings) -> dict[str, str]:
    try:
        said: Any = asyncio.run(asking.fetch(settings, "/api/agents"))
    except IvrError:
        return {}
    return {row["number"]: _state(row) for row in said}


def _state(row: Any) -> str:
    """Return what an agent does; of one who is offered no callers, why."""
    state, duty = str(row["state"]), row["duty"]
    if duty["duty"] == Duty.ON or state not in ("paused", "logged out"):
        return state
    why = str(Standing(Duty(duty["duty"]), duty["reason"]))
    return why if state == "paused" else f"{state}, {why}"
