"""What a link said, delivered one at a time, in order, and never more than there is room for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Letter = TypeVar("Letter")


class Inbox(Generic[Letter]):
    """A bounded queue between a socket that must not wait and listeners that may."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._letters: deque[Letter] = deque()
        self._some = asyncio.Event()

    def put(self, letter: Letter) -> bool:
        """Take a letter; return False, and take nothing, when there is no room."""
        if len(self._letters) >= self._room:
            return False
        self._letters.append(letter)
        self._some.set()
        return True

    def replace(self, letter: Letter) -> None:
        """Throw away all that waits: only `letter` is still worth reading."""
        self._letters.clear()
        self._letters.append(letter)
        self._some.set()

    async def deliver(self, read: Callable[[Letter], Awaitable[None]]) -> None:
        """Read letters as they come, each to its end before the next, until cancelled."""
        while True:
            await self._some.wait()
            while self._letters:
                await read(self._letters.popleft())
            self._some.clear()
