"""How each part of the hotline is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping

import aiohttp

from ivr.config import Settings
from ivr.desk.watch import Watch
from ivr.project import disk
from ivr.switch import process
from ivr.versions.served import Served, shown
from ivr.web.api import Part


class Health:
    """Asks each part how it is; `unwell` tells what is wrong with services that are left alone."""

    def __init__(
        self,
        settings: Settings,
        served: Served,
        watch: Watch,
        http: aiohttp.ClientSession,
        unwell: Callable[[], Mapping[str, str]],
    ) -> None:
        self._settings = settings
        self._served = served
        self._watch = watch
        self._http = http
        self._unwell = unwell

    async def parts(self) -> Mapping[str, Part]:
        """Return the health of each part with its process id."""
        return {
            "controller": Part(True, os.getpid(), await self._serves()),
            "switch": Part(self._watch.alive, self._switch_pid(), self._watch.trouble),
            "backend": await self._backend(),
            **{f"service {name}": Part(False, None, why) for name, why in self._unwell().items()},
        }

    async def _serves(self) -> str:
        return shown(
            self._served.led(), (await asyncio.to_thread(disk.sources, self._settings)).version
        )

    def _switch_pid(self) -> int | None:
        try:
            return int((self._settings.state / process.PID_FILE).read_text())
        except (OSError, ValueError):
            return None

    async def _backend(self) -> Part:
        url = f"{self._settings.backend_url}/healthz"
        try:
            async with self._http.get(url, timeout=aiohttp.ClientTimeout(total=2)) as response:
                said = await response.json()
                return Part(bool(said["ok"]), int(said["pid"]))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as fault:
            return Part(False, None, f"no answer from {url}: {type(fault).__name__}")
