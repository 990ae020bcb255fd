"""SQLite without a word between the statements of a transaction: one thread does them all.

Through aiosqlite each statement is four messages to a thread and back, and a call's record was most
of what its controller did (docs/performance.md). Here a transaction is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL

Result = TypeVar("Result")


class Swift:
    """A file of SQLite, and the threads that work on it: while one writes another may read."""

    def __init__(self, file: URL, set_up: Callable[[object, object], None]) -> None:
        self._engine = create_engine(file.set(drivername="sqlite"), hide_parameters=True)
        event.listen(self._engine, "connect", set_up)
        self._threads = ThreadPoolExecutor(2, "store")

    async def do(self, work: Callable[[Connection], Result]) -> Result:
        """Do all of some work in one transaction.

        Raises what it raises. Called off, it is done all the same, within SQLite's own patience.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._done, work)

    def _done(self, work: Callable[[Connection], Result]) -> Result:
        with self._engine.begin() as connection:
            return work(connection)

    def forget(self) -> None:
        """Give the connections back; the next work makes new ones."""
        self._engine.dispose()

    async def close(self) -> None:
        """Let what is under way come to its end, and give everything back."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()
