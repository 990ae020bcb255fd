"""`ivr publish`: the files on disk become a version that leads new calls."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated

import typer

from ivr import screen
from ivr.announcements import announcing
from ivr.commands.options import Author, Message, StateDir, user
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.flow.history import Standing
from ivr.flow.project import Project, Sources
from ivr.project import disk, suite
from ivr.running import preparing, taken
from ivr.trial.coverage import Watch
from ivr.versions import publishing
from ivr.versions.publishing import By


def publish(
    message: Message,
    canary: Annotated[
        str | None, typer.Option(help='Let it lead only so many of the new calls: "5%".')
    ] = None,
    author: Author = None,
    state_dir: StateDir = None,
) -> None:
    """Check and test the files, build their sounds, and let new calls be led by them."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        if not message.strip():
            raise IvrError("--message: say in a few words why; `ivr versions` shows it")
        share = 0 if canary is None else _share(canary)
        checked = disk.whole(settings)
        _prove(settings, checked.project)
        preparing.build(settings, checked.project)
        announcing.mend(settings, checked.project, screen.line)
        screen.line(
            asyncio.run(_publish(settings, checked.sources, By(author or user(), message), share))
        )


def _prove(settings: Settings, loaded: Project) -> None:
    """Play the tests beside the flows. Raises IvrError where one fails, which it shows."""
    files = sorted(settings.at(settings.flows).glob(f"*{suite.ENDING}"))
    watch = Watch(loaded)
    results = [watch.run(trial) for trial in suite.read(settings, loaded, files)]
    failed = [result for result in results if not result.passed]
    for result in failed:
        screen.line(f"{result}\n")
    if failed:
        raise IvrError(f"{len(failed)} of {len(results)} tests failed; nothing is published")


async def _publish(settings: Settings, sources: Sources, who: By, share: int) -> str:
    async with publishing.opened(settings) as (versions, _):
        now: Standing = await publishing.publish(versions, sources, who, share)
    return await taken.told(settings, now)


def _share(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,2})%?", text)
    if not found or not int(found[1]):
        raise IvrError(f"--canary is a part of the calls from 1% to 99%, not '{text}'")
    return int(found[1])
