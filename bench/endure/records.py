"""What the hotline writes of its calls: asked for all callers together, again and again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.calls.hotline import Hotline

Record = dict[str, Any]
LOOK = 0.1
# A record says nothing while no controller leads its call, as long as what was being said goes on.
LATE = 60.0


class Records:
    """The newest records, by the caller's number; `outages` tells when nobody answered."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline
        self._known: dict[str, dict[str, Record]] = {}
        self._news = asyncio.Condition()

    async def follow(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                newest = await asyncio.wait_for(self._hotline.get("/api/calls?limit=200"), 1)
            except (aiohttp.ClientError, OSError, TimeoutError):
                newest = []
            async with self._news:
                for record in newest:
                    self._known.setdefault(record["caller"], {})[record["id"]] = record
                self._news.notify_all()
            await asyncio.sleep(LOOK)

    def of(self, number: str) -> list[Record]:
        """Return all records of this caller."""
        return list(self._known.get(number, {}).values())

    async def when(self, number: str, holds: Callable[[Record], bool], what: str) -> Record:
        """Wait until it holds of a record of hers; return that. Raises AssertionError."""
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
