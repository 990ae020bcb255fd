"""`ivr diff`: what is another in another version."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from ivr import screen
from ivr.commands.options import StateDir
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.flow.history import standing
from ivr.project import disk
from ivr.versions import publishing

DISK = "files on disk"


def diff(
    a: Annotated[str | None, typer.Argument(help="A version; else the one that serves.")] = None,
    b: Annotated[str | None, typer.Argument(help="Another; else the files on disk.")] = None,
    state_dir: StateDir = None,
) -> None:
    """Show what changes from one version to another, or to the files on disk."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        (old, before), (new, after) = asyncio.run(_both(settings, a, b))
        for text in differences(before, after, old, new):
            screen.line(text)


async def _both(
    settings: Settings, a: str | None, b: str | None
) -> tuple[tuple[str, Mapping[str, str]], tuple[str, Mapping[str, str]]]:
    async with publishing.opened(settings) as (versions, _):
        serving = standing(await versions.history()).stable
        if a is None and serving is None:
            raise IvrError("nothing was published yet, so there is nothing to compare with")
        old = await publishing.find(versions, a) if a is not None else str(serving)
        before = (await versions.sources(old)).texts
        if b is None:
            return (old, before), (DISK, disk.sources(settings).texts)
        new = await publishing.find(versions, b)
        return (old, before), (new, (await versions.sources(new)).texts)


def differences(
    before: Mapping[str, str], after: Mapping[str, str], old: str, new: str
) -> Iterator[str]:
    """Yield the lines of a unified diff of all files by their names."""
    for file in sorted({*before, *after}):
        yield from difflib.unified_diff(
            before.get(file, "").splitlines(),
            after.get(file, "").splitlines(),
            f"{file} ({old})",
            f"{file} ({new})",
            lineterm="",
        )
