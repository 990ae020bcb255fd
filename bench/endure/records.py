"""What the hotline writes of its calls: asked for all callers together, again and again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp

from tests.calls.hotline import Hotline

Record = dict[str, Any]
LOOK = 0.1
NEWEST = 200
# A call that is over is written down within this; meanwhile it is told of by who led it.
WRITTEN = 0.5
# A record says nothing while no controller leads its call, as long as what was being said goes on.
LATE = 60.0


class Records:
    """Records by the caller's number: the newest, and all that somebody waits for."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline
        self._known: dict[str, dict[str, Record]] = {}
        self._wanted: Counter[str] = Counter()
        self._news = asyncio.Condition()
        # When the last look began that was answered.
        self._looked = 0.0

    async def follow(self) -> None:
        """Look until cancelled."""
        while True:
            began = time.monotonic()
            newest: list[Record] | None = await self._asked(f"/api/calls?limit={NEWEST}")
            found = newest or []
            seen = {record["id"] for record in found}
            for number in list(self._wanted):
                for record in self.of(number):
                    if record["id"] not in seen:
                        now = await self._asked(f"/api/calls/{record['id']}")
                        found += [now] if now else []
            async with self._news:
                for record in found:
                    self._known.setdefault(record["caller"], {})[record["id"]] = record
                self._looked = self._looked if newest is None else began
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
        with self._want(number):
            return await self._holds(number, holds, what)

    async def over(self, number: str) -> list[Record]:
        """Wait until her call is over, and written down; return her records.

        A controller that dies before it has written down what it told of leaves a call that
        lasts, until the next one has made its record of what the switch has kept. Raises
        AssertionError, and TimeoutError where nobody answers any more.
        """
        with self._want(number):
            while True:
                await self._holds(number, _is_over, "a record that ends")
                await self._look_again(time.monotonic() + WRITTEN)
                if all(map(_is_over, self.of(number))):
                    return self.of(number)

    async def _look_again(self, after: float) -> None:
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: self._looked > after), LATE)

    @contextmanager
    def _want(self, number: str) -> Iterator[None]:
        self._wanted[number] += 1
        try:
            yield
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


def _is_over(record: Record) -> bool:
    return bool(record["ended"])


def nodes(record: Record) -> list[str]:
    """Return the nodes of a call."""
    return [step["node"] for step in record["path"]]


def keys(record: Record) -> str:
    """Return the keys of a call."""
    return "".join(press["key"] for press in record["keys"])
