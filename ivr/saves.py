"""`ivr up --watch`: what is saved and right leads the next call; what is wrong is shown.

The files are looked at four times a second, a dozen of them: it costs nothing one could measure,
works on every file system (inotify tells nothing of a network's or another container's changes),
and what an editor does on the way (truncating, renaming) is over before anything is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ivr import config, taken
from ivr.config import Settings
from ivr.drafts import hand_over
from ivr.errors import IvrError
from ivr.flow.project import Project

LOOK = 0.25  # seconds between two looks


@dataclass(frozen=True)
class Screen:
    """Where a save is told of, and how the sounds of it are built."""

    say: Callable[[str], None]
    mistakes: Callable[[Exception], None]
    build: Callable[[Project], None]


async def watch(settings: Settings, served: str, screen: Screen) -> None:
    """Hand over every save that is right, until cancelled; `served` is the version at first."""
    seen = _look(settings)
    while True:
        await asyncio.sleep(LOOK)
        now = _look(settings)
        if now == seen:
            continue
        if now == await _later(settings):  # whoever writes has finished
            seen = now
            served = await _take(settings, served, screen)


async def _later(settings: Settings) -> object:
    await asyncio.sleep(LOOK)
    return _look(settings)


async def _take(settings: Settings, served: str, screen: Screen) -> str:
    """Hand over what is on disk if it is right and new; return the version that then serves."""
    try:
        checked = await asyncio.to_thread(config.whole, settings)
        if checked.project.version == served:
            screen.say(f"{_now()} the files are version {served}, which leads the calls")
            return served
        await asyncio.to_thread(screen.build, checked.project)
        hand_over(settings.state, checked.sources)
    except (IvrError, OSError) as fault:
        screen.mistakes(fault)
        screen.say(f"{_now()} nothing changes: calls go on being led by {served}")
        return served
    version = checked.project.version
    screen.say(f"{_now()} {await taken.draft(settings, version)}")
    return version


def _now() -> str:
    return f"{datetime.now():%H:%M:%S}"


def _look(settings: Settings) -> object:
    """Return what is another whenever some file was saved, has come or gone."""
    found = []
    for folder in (settings.at(settings.flows), settings.at(settings.prompts)):
        for file in sorted(folder.glob("*.yaml")) if folder.is_dir() else [folder]:
            try:
                seen = file.stat()
            except OSError:
                continue
            found.append((file, seen.st_ino, seen.st_mtime_ns, seen.st_size))
    return found
