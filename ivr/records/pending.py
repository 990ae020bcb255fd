"""What the database could not take: kept in files until it can, and written there once.

A file is whole and on the disk (fsync) before anybody is told that something is kept. Whatever is
written again, as after a crash between writing and deleting, is for its taker to know by its id.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ivr.meanwhile import again_and_again, meanwhile
from ivr.store.database import StoreError
from ivr.switch.files import private, put

_log = logging.getLogger(__name__)

Taker = Callable[[str, str], Awaitable[None]]
"""Writes what has an id; raises StoreError where it cannot now, ValueError where it never will."""

SECONDS_PER_LOOK = 2.0
# So many running that could not be written, and it is not they.
ENOUGH = 3
# Those that no disk took either, about 2 kB each.
MOST_HELD = 10_000

_NAME = re.compile(r"([a-z]+)-([0-9A-Za-z._-]{1,100})\.json")


class Pending:
    """Files in a folder that only we may enter, each of a kind that one of the `takers` writes."""

    def __init__(self, folder: Path, takers: Mapping[str, Taker]) -> None:
        self._folder = folder
        self._takers = takers
        self._held: dict[str, str] = {}
        self._seen = Counter[str]()

    def count(self, *kinds: str) -> int:
        """Return how many wait, of some kinds or of all, as of the last look."""
        held = Counter(_kind(name) for name in self._held)
        return sum((self._seen + held)[kind] for kind in kinds or self._takers)

    async def keep(self, kind: str, id: str, text: str) -> None:
        """Keep a text on the disk until its taker has it. Raises OSError."""
        await asyncio.to_thread(self._put, f"{kind}-{id}.json", text)
        self._seen[kind] += 1

    async def keep_or_hold(self, kind: str, id: str, text: str) -> bool:
        """Keep a text on the disk, or else in memory, where it ends with us; tell whether it stays.

        When there is no more room for it the oldest goes.
        """
        try:
            await self.keep(kind, id, text)
            return True
        except OSError as fault:
            if not self._held:
                _log.error("what waits for the database is in memory only: %s", fault)
        self._held[f"{kind}-{id}.json"] = text
        if len(self._held) > MOST_HELD:
            lost = next(iter(self._held))
            del self._held[lost]
            _log.error("%s is lost", lost.removesuffix(".json"))
        return False

    async def write(self) -> None:
        """Let the takers write all that waits. Raises StoreError and OSError.

        What alone cannot be written keeps nothing else from it.
        """
        names = await asyncio.to_thread(self._names)
        self._seen = Counter(map(_kind, names))
        written, failed = 0, 0
        trouble: StoreError | OSError | None = None
        for name in (*self._held, *names):
            try:
                written += await self._write(name)
                failed = 0
            except (StoreError, OSError) as fault:
                trouble, failed = fault, failed + 1
                if failed == ENOUGH:
                    break
        if written:
            _log.warning("the database has now what had to wait for it, %d in number", written)
        if trouble:
            raise trouble

    async def _write(self, name: str) -> bool:
        """Have one written that waits; tell whether it was."""
        file = self._folder / name
        try:
            held = self._held.get(name)
            text = await asyncio.to_thread(file.read_text) if held is None else held
            found = _NAME.fullmatch(name)
            if found is None or found[1] not in self._takers:
                raise ValueError("nobody takes it")
            await self._takers[found[1]](found[2], text)
        except FileNotFoundError:  # another controller was there first
            return False
        except ValueError as fault:
            _log.error("%s cannot be written and is put aside: %s", name, fault)
            if not self._held.pop(name, ""):
                await asyncio.to_thread(file.replace, file.with_suffix(".bad"))
            return False
        if not self._held.pop(name, ""):
            await asyncio.to_thread(file.unlink, missing_ok=True)
            self._seen[_kind(name)] -= 1
        return True

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write what waits, now and again and again while the block runs. Raises SwitchError."""
        private(self._folder)
        with suppress(StoreError, OSError):  # the next look tells
            await self.write()
        said, known = "what waits for the database waits on: %s", (StoreError, OSError)
        work = again_and_again(
            self.write, lambda: asyncio.sleep(SECONDS_PER_LOOK), _log.error, said, *known
        )
        async with meanwhile(work, "what waits for the database"):
            yield

    def _put(self, name: str, text: str) -> None:
        put(self._folder / name, text)

    def _names(self) -> list[str]:
        return sorted(path.name for path in self._folder.glob("*.json"))


def _kind(name: str) -> str:
    return name.partition("-")[0]
