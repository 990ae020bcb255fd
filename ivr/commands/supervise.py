"""`ivr supervise` and `ivr audit`: a supervisor's phone rung, and who listened to whom."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from ivr import config, screen
from ivr.commands.opening import opened
from ivr.commands.options import Day, HttpPort, StateDir, midnight
from ivr.config import Settings
from ivr.desk.supervision import WAYS
from ivr.errors import IvrError, nearest
from ivr.running import asking
from ivr.store.audit import Act, Audit

DAY = timedelta(days=1)


def supervise(
    agent: Annotated[str, typer.Argument(help="The agent who talks, such as 1001.")],
    by: Annotated[str, typer.Option(help="The supervisor whose phone rings.")],
    how: Annotated[str, typer.Option(help="listen, whisper or barge.")] = "listen",
    state_dir: StateDir = None,
    http_port: HttpPort = None,
) -> None:
    """Ring a supervisor's phone: she hears an agent's call when she answers."""
    settings = screen.settings(state_dir=state_dir, http_port=http_port)
    with screen.told(settings):
        if how not in WAYS:
            known = ", ".join(WAYS)
            raise IvrError(f"--how is one of {known}, not '{how[:20]}'{nearest(how, WAYS)}")
        if not agent.isdigit():
            raise IvrError(f"an agent's number is expected, such as 1001, not '{agent[:20]}'")
        path = f"/api/agents/{agent}/{how}"
        said: Any = asyncio.run(asking.ask(settings, "POST", path, {"by": by}))
        screen.line(f"{said['rings']} rings; audit {said['audit']}")


def audit(
    day: Day = None,
    of: Annotated[str | None, typer.Option(help="Only what was done to this agent.")] = None,
    state_dir: StateDir = None,
) -> None:
    """List who listened to whom and changed what, newest first; nothing of it can be taken away."""
    with screen.told():
        settings = config.settings(state_dir=state_dir)
        begin = midnight(day)
        acts = asyncio.run(_acts(settings, begin, of))
    if not acts:
        screen.line("nothing was done, nor refused")
        return
    table = Table("", "at", "until", "who", "what", "whom", "call", "outcome", "why")
    for act in acts:
        entry = act.entry
        until = _shown(act.until) if entry.outcome == "began" else ""
        row = [str(entry.number), _shown(entry.at), until, entry.who, entry.what, entry.whom]
        table.add_row(*map(Text, (*row, entry.call, entry.outcome, act.why)))
    screen.table(table)


async def _acts(settings: Settings, begin: datetime, of: str | None) -> list[Act]:
    async with await opened(settings) as database:
        return await Audit(database).acts(begin, begin + DAY, of)


def _shown(moment: datetime | None) -> str:
    return f"{moment.astimezone():%H:%M:%S}" if moment else "now"
