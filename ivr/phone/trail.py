"""Events in the order they came, and waiting for the next of a kind."""

from __future__ import annotations

import asyncio
import itertools

from ivr.errors import IvrError
from ivr.phone.wire import Event


class Trail:
    """What happened so far. `what` names its owner in the text of errors."""

    def __init__(self, what: str) -> None:
        self.events: list[Event] = []
        self._what = what
        self._broken: str | None = None
        self._news = asyncio.Event()

    def add(self, event: Event) -> None:
        """Note the event and wake who waits for it."""
        self.events.append(event)
        self._wake()

    def break_off(self, why: str) -> None:
        """Say that nothing more will come; whoever waits gets IvrError with this reason."""
        self._broken = why
        self._wake()

    async def next(self, place: int) -> Event:
        """Return the event number `place`, counted from 0, as soon as there is one.

        Raises IvrError when none can come any more.
        """
        while len(self.events) <= place:
            if self._broken is not None:
                raise IvrError(f"{self._what}: {self._broken}")
            await self._news.wait()
        return self.events[place]

    async def wait(self, *names: str, within: float, after: int = 0) -> Event:
        """Return the first event of these names, not counting the first `after` events.

        Raises IvrError when none comes within so many seconds, or none can come any more.
        """
        try:
            async with asyncio.timeout(within):
                for place in itertools.count(after):
                    event = await self.next(place)
                    if event.name in names:
                        break
        except TimeoutError:
            wanted = " or ".join(names)
            seen = ", ".join(event.name for event in self.events) or "nothing"
            raise IvrError(
                f"{self._what}: no {wanted!r} within {within:g} s; there was {seen}"
            ) from None
        return event

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
