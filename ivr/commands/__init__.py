"""Commands of their own: one file each, named here and read when it is asked for.

Few commands need the database, a web server or voices, which take most of a second to read.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

# Where each is: a function, or an app of several.
ELSEWHERE = {
    "up": "ivr.commands.up:up",
    "drain": "ivr.commands.drain:drain",
    "try": "ivr.commands.rehearse:rehearse",
    "agent": "ivr.commands.agent:agent",
    "check": "ivr.commands.check:check",
    "doctor": "ivr.commands.doctor:doctor",
    "test": "ivr.commands.test:test",
    "explain": "ivr.commands.explain:explain",
    "forget": "ivr.commands.forget:forget",
    "replay": "ivr.commands.replay:replay",
    "publish": "ivr.commands.publish:publish",
    "versions": "ivr.commands.versions:versions",
    "diff": "ivr.commands.diff:diff",
    "promote": "ivr.commands.promote:promote",
    "rollback": "ivr.commands.rollback:rollback",
    "announce": "ivr.commands.announce:announce",
    "draw": "ivr.commands.draw:draw",
    "schema": "ivr.commands.schema:schema",
    "certificate": "ivr.commands.certificate:certificate",
    "supervise": "ivr.commands.supervise:supervise",
    "audit": "ivr.commands.supervise:audit",
    "samples": "ivr.commands.samples:show",
    "accounts": "ivr.commands.accounts:app",
    "prompts": "ivr.prompting:app",
    "announcements": "ivr.commands.announce:announcements",
    "callbacks": "ivr.commands.callbacks:app",
    "talks": "ivr.commands.talks:app",
    "bans": "ivr.commands.bans:app",
    "desks": "ivr.commands.desks:app",
}


class Commands(TyperGroup):
    """Those that are given, and those that are elsewhere."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return their names, as they are shown: what begins everything first."""
        first, *others = ELSEWHERE
        return [first, *super().list_commands(ctx), *others]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one; None where there is none."""
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, name = ELSEWHERE[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            command: Any = get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(name=cmd_name)(found)
            command = get_command(alone)
        command.name = cmd_name
        return command
