"""The commands: `ivr …`, each in a file of its own, which is read when it is asked for.

Few need the database, a web server or voices, which take most of a second to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

# In the order of `ivr --help`: where each is, which is a function or an app of several.
COMMANDS = {
    "up": "commands.up:up",
    "down": "commands.down:down",
    "restart": "commands.restart:restart",
    "drain": "commands.drain:drain",
    "status": "commands.status:status",
    "read": "commands.read:read",
    "try": "commands.rehearse:rehearse",
    "call": "commands.call:call",
    "agents": "commands.agents:agents",
    "prepare": "commands.prepare:prepare",
    "agent": "commands.agent:agent",
    "check": "commands.check:check",
    "doctor": "commands.doctor:doctor",
    "test": "commands.test:test",
    "explain": "commands.explain:explain",
    "forget": "commands.forget:forget",
    "replay": "commands.replay:replay",
    "publish": "commands.publish:publish",
    "versions": "commands.versions:versions",
    "diff": "commands.diff:diff",
    "promote": "commands.promote:promote",
    "rollback": "commands.rollback:rollback",
    "announce": "commands.announce:announce",
    "draw": "commands.draw:draw",
    "schema": "commands.schema:schema",
    "certificate": "commands.certificate:certificate",
    "supervise": "commands.supervise:supervise",
    "audit": "commands.supervise:audit",
    "samples": "commands.samples:show",
    "run": "commands.part:run_part",
    "accounts": "commands.accounts:app",
    "prompts": "prompting:app",
    "announcements": "commands.announce:announcements",
    "callbacks": "commands.callbacks:app",
    "talks": "commands.talks:app",
    "bans": "commands.bans:app",
    "desks": "commands.desks:app",
}
_OTHERWISE: Mapping[str, dict[str, Any]] = {
    # Numbers may be below 0.
    "read": {"context_settings": {"ignore_unknown_options": True}},
    "run": {"hidden": True},
}


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(f"ivr.{module}"), name)
        if isinstance(found, typer.Typer):
            command: Any = get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(name=cmd_name, **_OTHERWISE.get(cmd_name, {}))(found)
            command = get_command(alone)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=_Commands,
    help="An IVR that listens: YAML call flows on Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _top() -> None:
    """Nothing is done before the command; an app without any of its own needs this."""


def main() -> None:
    """Run the command line."""
    app()
