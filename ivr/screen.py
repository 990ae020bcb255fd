"""What the commands say: lines, a progress bar, one screen, and mistakes told to a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ivr import announcing, disk, drafts, publishing, reading, run, sounds
from ivr.config import Settings
from ivr.errors import FlowError, IvrError, render
from ivr.flow.project import Project
from ivr.served import Led, shown
from ivr.speech.clips import Detour
from ivr.speech.sheet import sheet
from ivr.speech.takes import Takes

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
# For tables that a program reads, or that are kept in a file: nothing is wrapped.
_wide = Console(highlight=False, width=1000)


@contextmanager
def told(settings: Settings | None = None) -> Iterator[None]:
    """Let what is wrong be told to a person, and exit with 1."""
    try:
        yield
    except (IvrError, OSError) as fault:
        mistakes(settings, fault)
        raise typer.Exit(1) from None


def mistakes(settings: Settings | None, fault: Exception) -> None:
    """Print what is wrong: every mistake in files with its line, anything else in its words."""
    if isinstance(fault, FlowError):
        texts = {p.where.file: _text(settings, p.where.file) for p in fault.problems}
        err.print(render(fault.problems, texts), markup=False)
        err.print(f"{len(fault.problems)} to mend", markup=False)
    elif isinstance(fault, OSError) and fault.filename:
        err.print(f"ivr: {fault.filename}: {fault.strerror}", markup=False)
    else:
        err.print(f"ivr: {fault}", markup=False)


def _text(settings: Settings | None, file: str) -> str:
    root = settings.root if settings else Path()
    return reading.text(root / file, file, root)[0]


def prepare(settings: Settings) -> Led:
    """Put the switch there, and build every sound that is missing of what will lead the calls.

    Returns what that is. Raises IvrError where nothing can.
    """
    led, projects = asyncio.run(publishing.to_serve(settings))
    line(f"Asterisk {run.softswitch(settings, line).version}")
    for loaded in projects:
        build(settings, loaded)
        announcing.mend(settings, loaded, line)
    return led


def prepare_draft(settings: Settings) -> Led:
    """Do the same for the files on disk, and hand them over as the first draft."""
    checked = disk.whole(settings)
    line(f"Asterisk {run.softswitch(settings, line).version}")
    build(settings, checked.project)
    announcing.mend(settings, checked.project, line)
    drafts.hand_over(settings.state, checked.sources)
    return Led(checked.project.version, "draft")


def build(settings: Settings, loaded: Project, keep: bool = False) -> None:
    """Build every sound that is missing, and show how far it is.

    With `keep` takes are made of what has none first.
    """
    takes = Takes.load(settings.takes, settings.root)
    for problem in takes.problems:
        line(str(problem))
    with stoppable(), sounds.speakers(settings, takes) as clips:
        if keep:
            with progress("takes") as step:
                sounds.keep(sheet(loaded), takes, clips, step, line)
        with progress("prompts") as step:
            detours = sounds.build(settings, loaded, clips, step, line)
    for name, its in groupby(sorted(detours, key=_candidate), _candidate):
        first, *more = its
        rest = f", and {len(more)} more" if more else ""
        line(f"{name} is passed over for '{first.clip.text}'{rest}: {first.why}")


def _candidate(detour: Detour) -> str:
    """Return the candidate that failed, in the words of the settings."""
    return detour.candidate


@contextmanager
def stoppable() -> Iterator[None]:
    """Let Ctrl-C end work that leaves nothing half done, and exit with 130."""
    try:
        yield
    except KeyboardInterrupt:
        err.print("broken off; start again, it goes on", markup=False)
        raise typer.Exit(130) from None


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the block runs, or a line now and then where no terminal is."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def step(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)
            if not out.is_terminal and of and done % max(1, of // 10) == 0:
                line(f"{what}: {done} of {of}")

        yield step


def show(settings: Settings, led: Led) -> None:
    """Print what leads the calls, what to dial, an agent to register, the pages, the logs."""
    furniture = disk.furniture(settings)
    agent, number = next(iter(furniture.agents)), next(iter(settings.numbers))
    sip = f"{settings.sip_host.replace('0.0.0.0', '127.0.0.1')}:{settings.sip_port}"
    port = "" if settings.sip_port == 5060 else f" --sip-port {settings.sip_port}"
    state = "" if settings.state_dir == Path("var") else f" --state-dir {settings.state_dir}"
    out.print(
        f"""
The hotline is up.

  flows     {shown(led, disk.sources(settings).version)}
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


def table(rows: Table) -> None:
    """Print a table: as wide as the terminal, and where none is, as wide as it has to be.

    Whatever is too long goes on in the next line: an id that is cut short is none.
    """
    for column in rows.columns:
        column.overflow = "fold"
    (out if out.is_terminal else _wide).print(rows, soft_wrap=False)
