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

# As `ivr --help` shows them: where each is, which is a function or an app of several.
ROOMS = {
    "The hotline": {
        "up": "commands.up:up",
        "down": "commands.down:down",
        "restart": "commands.restart:restart",
        "drain": "commands.drain:drain",
        "status": "commands.status:status",
        "doctor": "commands.doctor:doctor",
        "prepare": "commands.prepare:prepare",
        "run": "commands.part:run_part",
    },
    "Flows and what they say": {
        "check": "commands.check:check",
        "try": "commands.rehearse:rehearse",
        "test": "commands.test:test",
        "draw": "commands.draw:draw",
        "read": "commands.read:read",
        "prompts": "prompting:app",
        "schema": "commands.schema:schema",
    },
    "Versions and announcements": {
        "diff": "commands.diff:diff",
        "publish": "commands.publish:publish",
        "versions": "commands.versions:versions",
        "promote": "commands.promote:promote",
        "rollback": "commands.rollback:rollback",
        "replay": "commands.replay:replay",
        "announce": "commands.announce:announce",
        "announcements": "commands.announce:announcements",
    },
    "Calls and callers": {
        "call": "commands.call:call",
        "explain": "commands.explain:explain",
        "talks": "commands.talks:app",
        "callbacks": "commands.callbacks:app",
        "forget": "commands.forget:forget",
    },
    "Desks and agents": {
        "agents": "commands.agents:agents",
        "agent": "commands.agent:agent",
        "desks": "commands.desks:app",
        "supervise": "commands.supervise:supervise",
        "samples": "commands.samples:show",
    },
    "Who may do what": {
        "accounts": "commands.accounts:app",
        "audit": "commands.supervise:audit",
        "bans": "commands.bans:app",
        "certificate": "commands.certificate:certificate",
    },
}
COMMANDS = {name: (room, where) for room, its in ROOMS.items() for name, where in its.items()}
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
        room, where = COMMANDS[cmd_name]
        module, _, name = where.partition(":")
        found = getattr(import_module(f"ivr.{module}"), name)
        if isinstance(found, typer.Typer):
            command: Any = get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(name=cmd_name, **_OTHERWISE.get(cmd_name, {}))(found)
            command = get_command(alone)
        command.name = cmd_name
        command.rich_help_panel = room
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
