"""What the hotline writes of its calls: asked for all callers together, again and again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.calls.hotline import Hotline

Record = dict[str, Any]
LOOK = 0.1
NEWEST = 200
# A record says nothing while no controller leads its call, as long as what was being said goes on.
LATE = 60.0


class Records:
    """Records by the caller's number: the newest, and all that somebody waits for."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline
        self._known: dict[str, dict[str, Record]] = {}
        self._wanted: Counter[str] = Counter()
        self._news = asyncio.Condition()

    async def follow(self) -> None:
        """Look until cancelled."""
        while True:
            found: list[Record] = await self._asked(f"/api/calls?limit={NEWEST}") or []
            seen = {record["id"] for record in found}
            for number in list(self._wanted):
                for record in self.of(number):
                    if record["id"] not in seen:
                        now = await self._asked(f"/api/calls/{record['id']}")
                        found += [now] if now else []
            async with self._news:
                for record in found:
                    self._known.setdefault(record["caller"], {})[record["id"]] = record
                self._news.notify_all()
            await asyncio.sleep(LOOK)

    async def _asked(self, path: str) -> Any:
        """Return what the hotline answers; None where nobody is there to answer, or knows it."""
        try:
            answer = await asyncio.wait_for(self._hotline.get(path), 1)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None
        return None if "error" in answer else answer

    def of(self, number: str) -> list[Record]:
        """Return all records of this caller."""
        return list(self._known.get(number, {}).values())

    async def when(self, number: str, holds: Callable[[Record], bool], what: str) -> Record:
        """Wait until it holds of a record of hers; return that. Raises AssertionError."""
        self._wanted[number] += 1
        try:
            return await self._holds(number, holds, what)
        finally:
            self._wanted[number] -= 1
            if not self._wanted[number]:
                del self._wanted[number]

    async def _holds(self, number: str, holds: Callable[[Record], bool], what: str) -> Record:
        deadline = time.monotonic() + LATE
        async with self._news:
            while not (found := list(filter(holds, self.of(number)))):
                left = deadline - time.monotonic()
                if left <= 0:
                    there = [(r["outcome"], r["why"], nodes(r)) for r in self.of(number)]
                    raise AssertionError(f"not within {LATE:g} s: {what}; there is {there}")
                try:
                    await asyncio.wait_for(self._news.wait(), left)
                except TimeoutError:
                    continue
        return found[0]


def nodes(record: Record) -> list[str]:
    """Return the nodes of a call."""
    return [step["node"] for step in record["path"]]


def keys(record: Record) -> str:
    """Return the keys of a call."""
    return "".join(press["key"] for press in record["keys"])
