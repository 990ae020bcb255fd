"""`ivr forget`: what is known of a caller's number is deleted."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from ivr import config, screen
from ivr.commands.opening import opened
from ivr.commands.options import StateDir, user
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.forgetting import keeping
from ivr.line.caller_number import caller_number
from ivr.store.audit import Audit, Entry


def forget(
    number: Annotated[
        str, typer.Argument(help="The caller's; asked for, or read from the input, unless given.")
    ] = "",
    state_dir: StateDir = None,
) -> None:
    """Delete what is known of a number: records, messages, talks, choices, marks, promises."""
    with screen.told():
        settings = config.settings(state_dir=state_dir)
        if not number:
            asked = sys.stdin.isatty()
            number = typer.prompt("Number") if asked else sys.stdin.readline().strip()
        known = caller_number(number)
        if len(known) < 3:
            raise IvrError("a number is expected, such as 13800138000")
        gone = asyncio.run(_forget(settings, known))
    screen.line(told(gone))
    if gone.still_promised:
        screen.line(
            f"{gone.still_promised} call back is still promised: `ivr callbacks` lists it, and "
            "once it is taken off, forget her again"
        )


async def _forget(settings: Settings, number: str) -> keeping.Gone:
    async with await opened(settings) as database:
        audit, now = Audit(database), datetime.now(UTC)
        asked = Entry(now, user(), "forget", "a caller", "began")
        begun = await audit.write(asked)
        gone = await keeping.forget(settings, database, number)
        await audit.end(begun, datetime.now(UTC), told(gone))
    return gone


def told(gone: keeping.Gone) -> str:
    """Say what was deleted, without the number."""
    return (
        f"deleted: {gone.calls} calls, {gone.messages} messages, {gone.talks} talks, "
        f"{gone.promises} promises, {gone.waits} waits; blotted out in {gone.files} files"
    )
