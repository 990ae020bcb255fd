"""`ivr promote`: the canary has done well, and leads all new calls."""

from __future__ import annotations

import asyncio

from ivr import screen
from ivr.commands.options import Author, Message, StateDir, user
from ivr.config import Settings
from ivr.running import taken
from ivr.versions import publishing
from ivr.versions.publishing import By


def promote(
    message: Message = "",
    author: Author = None,
    state_dir: StateDir = None,
) -> None:
    """Let the version that is tried out lead all new calls."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        screen.line(asyncio.run(_promote(settings, By(author or user(), message))))


async def _promote(settings: Settings, who: By) -> str:
    async with publishing.opened(settings) as (versions, _):
        now = await publishing.promote(versions, who)
    return await taken.told(settings, now)
