"""What the commands say: lines, a progress bar, one screen, and mistakes told to a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ivr import config, run
from ivr.config import Settings
from ivr.errors import FlowError, IvrError, render
from ivr.flow.project import Project
from ivr.switch import desks

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def told(settings: Settings | None = None) -> Iterator[None]:
    """Let what is wrong be told to a person, and exit with 1."""
    try:
        yield
    except FlowError as wrong:
        texts = {p.where.file: _text(settings, p.where.file) for p in wrong.problems}
        err.print(render(wrong.problems, texts), markup=False)
        err.print(f"{len(wrong.problems)} to mend", markup=False)
        raise typer.Exit(1) from None
    except (IvrError, OSError) as fault:
        err.print(f"ivr: {fault}", markup=False)
        raise typer.Exit(1) from None


def _text(settings: Settings | None, file: str) -> str:
    try:
        return ((settings.root if settings else Path()) / file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def prepare(settings: Settings) -> None:
    """Check the project, put the switch there, and build every sound that is missing."""
    loaded, _ = config.load(settings)
    line(f"Asterisk {run.softswitch(settings, line).version}")
    build(settings, loaded)


def build(settings: Settings, loaded: Project) -> None:
    """Build every sound that is missing, and show how far it is."""
    columns = (TextColumn("prompts"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("prompts", total=None)

        def step(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)
            if not out.is_terminal and of and done % max(1, of // 10) == 0:
                line(f"prompts: {done} of {of} built")

        run.build_prompts(settings, loaded, step)


def show(settings: Settings) -> None:
    """Print what to dial, an agent to register, the pages, and where the logs are."""
    furniture = desks.load(settings.at(settings.desks))
    agent, number = next(iter(furniture.agents)), next(iter(settings.numbers))
    sip = f"{settings.sip_host.replace('0.0.0.0', '127.0.0.1')}:{settings.sip_port}"
    port = "" if settings.sip_port == 5060 else f" --sip-port {settings.sip_port}"
    state = "" if settings.state_dir == Path("var") else f" --state-dir {settings.state_dir}"
    out.print(
        f"""
The hotline is up.

  dial      {number} at sip:{number}@{sip} (UDP, no registration), from a softphone or with
            .venv/bin/ivr call {number}{port} --keys "1@2 1@5 *@9" --record heard.wav
  agent     register {agent} at {sip}; its password:
            .venv/bin/ivr agents --secrets{state}
  pages     {settings.web_url}/  ·  /healthz  ·  /api/calls
  back end  {settings.backend_url}/customers/13800138000
  logs      {settings.state_dir / "log"}
""",
        markup=False,
    )


def line(text: str) -> None:
    """Print one line as it is."""
    out.print(text, markup=False)
