"""`ivr rollback`: back to the version before, or to a named one."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ivr import screen
from ivr.announcements import announcing
from ivr.commands.options import Author, Message, StateDir, user
from ivr.config import Settings
from ivr.flow.history import Decision
from ivr.flow.project import Project
from ivr.running import preparing, taken
from ivr.versions import publishing
from ivr.versions.publishing import By


def rollback(
    version: Annotated[
        str | None, typer.Argument(help="The version, or how it begins; else the one before.")
    ] = None,
    message: Message = "",
    author: Author = None,
    state_dir: StateDir = None,
) -> None:
    """Withdraw the canary; where there is none, go back to the version before, or to VERSION."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        decision, loaded = asyncio.run(_way_back(settings, version, By(author or user(), message)))
        if loaded:
            preparing.build(settings, loaded)
            announcing.mend(settings, loaded, screen.line)
        screen.line(asyncio.run(_go(settings, decision)))


async def _way_back(
    settings: Settings, version: str | None, who: By
) -> tuple[Decision, Project | None]:
    async with publishing.opened(settings) as (versions, _):
        decision = await publishing.way_back(versions, version, who)
        if decision.act == "withdraw":
            return decision, None
        return decision, await publishing.project_of(settings, versions, decision.version)


async def _go(settings: Settings, decision: Decision) -> str:
    async with publishing.opened(settings) as (versions, _):
        now = await publishing.decide(versions, decision)
    return await taken.told(settings, now)
