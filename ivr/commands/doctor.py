"""`ivr doctor`: what is wrong, and the command that mends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ivr import config, screen
from ivr.commands.options import HttpPort, StateDir
from ivr.doctor import examine
from ivr.doctor.finding import Finding, State, is_well
from ivr.doctor.patient import visit
from ivr.errors import IvrError

_STYLES = {State.WELL: "green", State.WARNING: "yellow", State.WRONG: "bold red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    state_dir: StateDir = None,
    http_port: HttpPort = None,
) -> None:
    """Tell what is wrong, and the command that mends it; exits with 1 when something is."""
    here = f" --state-dir {state_dir}" if state_dir else ""
    try:
        settings = config.settings(state_dir=state_dir, http_port=http_port)
    except IvrError as fault:  # nothing else can be looked at without them
        lines = str(fault).splitlines()
        edit = f"edit {config.find_root() / config.FILE}"
        found = [Finding("settings", State.WRONG, line, edit) for line in lines]
    else:
        found = examine(asyncio.run(visit(settings, here, http_port is not None)))
    if as_json:
        findings = [asdict(each) for each in found]
        told = {"ok": is_well(found), "findings": findings}
        screen.line(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _show(found)
    if not is_well(found):
        raise typer.Exit(1)


def _show(found: Sequence[Finding]) -> None:
    table = Table("", "", "", "what mends it")
    for each in found:
        state = Text(each.state, _STYLES[each.state])
        table.add_row(state, each.check, Text(each.words), Text(each.mend))
    screen.table(table)
    counts = [sum(each.state is state for each in found) for state in (State.WRONG, State.WARNING)]
    words = f"{counts[0]} wrong, {counts[1]} warning{'s' * (counts[1] != 1)}"
    screen.line(words if any(counts) else "all is well")
