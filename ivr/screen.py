"""What the commands say: lines, a progress bar, tables, and mistakes told to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ivr import config
from ivr.config import Settings
from ivr.errors import FlowError, IvrError, render
from ivr.project import reading

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


def settings(**options: Any) -> Settings:
    """Return the settings; what is wrong with them is told, and ends the command."""
    with told():
        return config.settings(**options)


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
