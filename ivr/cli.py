"""The commands: `ivr …`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from ivr import asking, claim, config, disk, lang, screen, secrets
from ivr.commands import Commands
from ivr.commands.options import HttpPort, SipPort, StateDir
from ivr.config import Settings
from ivr.desk.duty import Duty, Standing
from ivr.errors import IvrError

app = typer.Typer(
    cls=Commands,
    help="An IVR that listens: YAML call flows on Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _settings(**options: Any) -> Settings:
    with screen.told():
        return config.settings(**options)


@app.command()
def down(state_dir: StateDir = None) -> None:
    """End the hotline that runs in the background."""
    settings = _settings(state_dir=state_dir)
    with screen.told(settings):
        from ivr import detached

        ended = detached.end(settings)
    screen.out.print("the hotline has ended" if ended else "no hotline runs here", markup=False)


@app.command()
def restart(state_dir: StateDir = None) -> None:
    """Start the controllers anew, after an upgrade, say; no call is dropped."""
    settings = _settings(state_dir=state_dir)
    with screen.told(settings):
        from ivr import detached

        detached.restart(settings)
    screen.out.print("the controller was started anew, and calls go on", markup=False)


@app.command()
def status(state_dir: StateDir = None, http_port: HttpPort = None) -> None:
    """Tell how each part is; exits with 1 when one is not well."""
    settings = _settings(state_dir=state_dir, http_port=http_port)
    with screen.told(settings):
        there = claim.running(settings.state)
        if there is None and http_port is None:
            raise IvrError(f"no hotline runs on {settings.state}")
        said: Any = asyncio.run(asking.fetch(claim.at(settings, there), asking.HEALTH))
    for name, part in said["parts"].items():
        state = "well" if part["ok"] else "NOT WELL"
        screen.out.print(f"{name:<12}{state:<10}pid {part['pid'] or '-'}  {part.get('detail', '')}")
    if not said["ok"]:
        raise typer.Exit(1)


def _at(settings: Settings, there: claim.Running | None) -> Settings:
    """Return the settings with the port the running hotline really has its pages on."""
    if there is None:
        return settings
    return settings.model_copy(update={"http_port": int(there.web.rsplit(":", 1)[1])})


@app.command(context_settings={"ignore_unknown_options": True})
def read(
    kind: Annotated[str, typer.Argument(help=", ".join(lang.KINDS))],
    value: str,
    argument: Annotated[
        str, typer.Argument(help="What the kind needs beside: HKD for money, 条 for count.")
    ] = "",
    language: Annotated[str, typer.Option(help="cmn, yue or en.")] = "cmn",
) -> None:
    """Print the words a value is spoken in."""
    try:
        screen.out.print(lang.read(kind, value, language, argument), markup=False)
    except ValueError as fault:
        screen.err.print(f"ivr: {fault}", markup=False)
        raise typer.Exit(1) from None


@app.command()
def call(
    number: Annotated[str, typer.Argument(help="What to dial, such as 10086.")],
    caller: Annotated[str, typer.Option(help="The number it comes from.")] = "13800138000",
    keys: Annotated[
        str, typer.Option(help='Keys and seconds after the answer: "1@2.0 *@6.5".')
    ] = "",
    record: Annotated[Path | None, typer.Option(help="A WAV of what the caller hears.")] = None,
    seconds: Annotated[float, typer.Option(help="Hang up after so long.")] = 30.0,
    sip_port: SipPort = None,
) -> None:
    """Place a real SIP call and tell, second by second, what happens."""
    settings = _settings(sip_port=sip_port)
    with screen.told(settings):
        from ivr.phone import script

        presses = script.parse_keys(keys)
        host = settings.sip_host if settings.sip_host != "0.0.0.0" else "127.0.0.1"
        at = f"{host}:{settings.sip_port}"
        code = asyncio.run(script.place(number, at, caller, presses, record, seconds, screen.line))
    raise typer.Exit(code)


@app.command()
def agents(
    secrets_: Annotated[bool, typer.Option("--secrets", help="Show their passwords.")] = False,
    state_dir: StateDir = None,
    http_port: HttpPort = None,
) -> None:
    """List the agents with their state."""
    settings = _settings(state_dir=state_dir, http_port=http_port)
    with screen.told(settings):
        furniture = disk.furniture(settings)
        kept = secrets.load(settings.state, map(str, furniture.agents))
        known = secrets.agent_secrets(kept)
        states = _agent_states(claim.at(settings, claim.running(settings.state)))
    table = Table("agent", "name", "skills", "state", *(["password"] if secrets_ else []))
    for number, person in furniture.agents.items():
        skills = " ".join(f"{skill}:{level}" for skill, level in person.skills.items())
        otherwise = "at no desk" if states else "unknown"
        row = [number, person.name, skills, states.get(number, otherwise)]
        table.add_row(*row, *([known[number]] if secrets_ else []))
    if secrets_:
        table.add_row(secrets.OPERATOR, "of the API", "", "", kept[secrets.OPERATOR])
    screen.table(table)


def _agent_states(settings: Settings) -> dict[str, str]:
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


@app.command()
def prepare() -> None:
    """Put the switch there and build every sound, so that `ivr up` takes seconds."""
    settings = _settings()
    with screen.told(settings):
        from ivr import preparing

        preparing.prepare(settings)


@app.command(name="run", hidden=True)
def run_(
    part: Annotated[str, typer.Argument(help="switch, controller or backend")],
    with_parent: Annotated[int, typer.Option(help="End when this process is gone.")] = 0,
    drafts: Annotated[bool, typer.Option(help="The controller: what --watch hands over.")] = False,
) -> None:
    """Run one part in the foreground, as `ivr up` and containers do."""
    from ivr import run

    if with_parent:
        run.end_with_parent(with_parent)
    settings = _settings()

    def controller(settings: Settings) -> None:
        from ivr import leading  # the whole controller, which no other command needs

        leading.lead(settings, of_drafts=drafts)

    parts: dict[str, Callable[[Settings], None]] = {
        "switch": run.switch,
        "controller": controller,
        "backend": run.demo_backend,
    }
    with screen.told(settings):
        if part not in parts:
            raise IvrError(f"there is no part '{part}'; there are {', '.join(parts)}")
        run.log_to(settings, part)
        parts[part](settings)


def main() -> None:
    """Run the command line."""
    app()
