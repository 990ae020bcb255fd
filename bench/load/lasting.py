"""What a hotline holds, minute by minute of a long load, and what is left of its callers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import aiohttp

from bench.census import Census, census
from bench.load.rig import Rig
from bench.soak import settled
from ivr.meanwhile import meanwhile
from ivr.running.secrets import as_operator

# Of each census this is kept; memory in kilobytes.
KEPT = ("tasks", "calls", "channels", "waiting", "switch_files", "agi")
MINUTE = 60.0


class Lasting:
    """Counts before the load, each minute of it, and when what was written behind it is done.

    `rows` are the minutes, and `left` tells what there is more of afterwards than before.
    """

    def __init__(self, rig: Rig) -> None:
        self.rows: list[dict[str, int]] = []
        self.left: list[str] = []
        self._hotline = _Hotline(rig)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._before = await self._at_rest()
        await self._stack.enter_async_context(meanwhile(self._count(), "what is held"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        self.left = await settled(self._hotline, self._before)

    async def _at_rest(self) -> Census:
        before, now = await census(self._hotline), await census(self._hotline)
        while before.left(now) or now.left(before):
            await asyncio.sleep(1)
            before, now = now, await census(self._hotline)
        return now

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(MINUTE)
            now = await census(self._hotline)
            memory = {"controller": now.controller_memory, "switch": now.switch_memory}
            files = {"controller_files": len(now.controller_files)}
            self.rows.append({**memory, **files, **{name: getattr(now, name) for name in KEPT}})


class _Hotline:
    """The hotline of a rig, as a census asks it."""

    def __init__(self, rig: Rig) -> None:
        self._settings = rig.ground.settings

    @property
    def state(self) -> Path:
        return self._settings.state

    @property
    def ports(self) -> Mapping[str, int]:
        return {"http": self._settings.http_port, "agi": self._settings.agi_port}

    async def get(self, path: str) -> Any:
        url, headers = f"http://127.0.0.1:{self.ports['http']}{path}", as_operator(self.state)
        async with aiohttp.request("GET", url, headers=headers) as response:
            return await response.json()
