"""`ivr up --watch`: what is saved and right leads the next call; what is wrong is shown.

The files are looked at four times a second, a dozen of them: it costs nothing one could measure,
works on every file system (inotify tells nothing of what another machine or container changes), and
what an editor does on the way (truncating, renaming) is over before anything is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from ivr.config import Settings
from ivr.flow.project import Project
from ivr.project import disk
from ivr.versions.drafts import hand_over

LOOK = 0.25  # seconds between two looks


@dataclass(frozen=True)
class Desk:
    """Where the author sits: what is said to her, how her mistakes are shown, sounds built.

    `taken` waits until calls are led by a version, and tells whether they are.
    """

    say: Callable[[str], None]
    mistakes: Callable[[Exception], None]
    build: Callable[[Project], None]
    taken: Callable[[str], Awaitable[str]]


class Saves:
    """The files of one project, the version that leads calls, and its author's desk."""

    def __init__(self, settings: Settings, served: str, desk: Desk) -> None:
        self._settings = settings
        self._served = served
        self._desk = desk
        self._is_wrong = False

    async def watch(self) -> None:
        """Hand over every save that is right, until cancelled."""
        seen: object = None
        while True:
            now = self._look()
            await asyncio.sleep(LOOK)
            if now != seen and now == self._look():  # whoever writes has finished
                seen = now
                await self._take()

    async def _take(self) -> None:
        try:
            checked = await asyncio.to_thread(disk.whole, self._settings)
            version = checked.project.version
            if version != self._served:
                await asyncio.to_thread(self._desk.build, checked.project)
                hand_over(self._settings.state, checked.sources)
        except Exception as fault:  # one of ours, too: the watch would end, and nobody would know
            self._is_wrong = True
            self._desk.mistakes(fault)
            return self._say(f"nothing changes: calls go on being led by {self._served}")
        if version != self._served:
            self._served = version
            self._say(await self._desk.taken(version))
        elif self._is_wrong:
            self._say(f"right again, and what leads the calls: {version}")
        self._is_wrong = False

    def _say(self, text: str) -> None:
        self._desk.say(f"{datetime.now():%H:%M:%S} {text}")

    def _look(self) -> object:
        """Return what is another whenever some file was saved, has come or gone."""
        found = []
        for folder in (self._settings.flows, self._settings.prompts):
            at = self._settings.at(folder)
            for file in sorted(at.glob("*.yaml")) if at.is_dir() else [at]:
                try:
                    seen = file.stat()
                except OSError:
                    continue
                found.append((file, seen.st_ino, seen.st_mtime_ns, seen.st_size))
        return found
