"""What callers are told of their waits: foretold from the switch as it is, kept to be judged."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

from ivr.desk.agenda import Booking
from ivr.desk.forecast import Expected, expected
from ivr.desk.ledger import Fate
from ivr.desk.lines import desk_of, steps
from ivr.desk.lineup import at_work, in_order
from ivr.desk.snapshot import Post, Snapshot
from ivr.desk.teller import Teller
from ivr.desk.tempo import WINDOW, Tempo
from ivr.flow.outlook import Outlook
from ivr.meanwhile import meanwhile
from ivr.past.tellings import Telling
from ivr.store.bookings import Bookings
from ivr.store.database import StoreError
from ivr.store.tellings import Tellings
from ivr.store.waits import Waits
from ivr.switch.desks import Desk, Desks

_log = logging.getLogger(__name__)

# What was foretold of all callers serves for whoever else asks so soon; and where it takes long,
# because thousands wait, for ten times as long as it took. Nobody asks who came less than a second
# before (ivr/flow/stay.py, BREATH), so she is in it.
FRESH = timedelta(seconds=0.25)
_TIMES = 10
# Of more who are called back before her it matters no more how many they are.
MOST_BOOKED = 300
# So soon what was told is in the database.
SECONDS_PER_KEEPING = 1.0
# Of more than is kept in a minute of a thousand seats the oldest is given up.
MOST_UNKEPT = 10_000
# Older conversations say nothing of how long they last today.
LATELY = timedelta(days=31)


class Shows(Protocol):
    """What is to be known of the switch as it is."""

    def board(self) -> Snapshot: ...
    def posts(self) -> tuple[Post, ...]: ...


class Foretelling:
    """Tells a caller at a desk what lies ahead of her; `desks` are those that calls go by."""

    def __init__(
        self,
        switch: Shows,
        tempo: Tempo,
        desks: Callable[[], Desks],
        tellings: Tellings,
        bookings: Bookings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._switch = switch
        self._tempo = tempo
        self._desks = desks
        self._tellings = tellings
        self._bookings = bookings
        self._clock = clock
        self._teller = Teller()
        self._unkept = deque[Telling](maxlen=MOST_UNKEPT)
        self._booked: list[Booking] = []
        self._known: Mapping[str, tuple[str, Expected]] = {}
        self._known_at = datetime.min.replace(tzinfo=UTC)
        self._fresh = FRESH

    def __call__(self, desk: str, caller: str) -> Outlook | None:
        """Return what a caller is told now, by her channel's unique id, and take it that she is.

        None while the switch is not heard, and for one who does not wait at this desk.
        """
        now = self._clock()
        if not timedelta(0) <= now - self._known_at < self._fresh:
            began = time.perf_counter()
            self._known, self._known_at = self._look(now), now
            self._fresh = max(FRESH, _TIMES * timedelta(seconds=time.perf_counter() - began))
        line, hers = self._known.get(caller, ("", None))
        if hers is None or desk_of(line) != desk:
            return None
        outlook = self._teller.tell(desk, caller, hers, now)
        telling = Telling(caller, desk, outlook.place, outlook.wait, hers.wait, now)
        self._unkept.append(telling)
        return outlook

    async def learn(self, waits: Waits) -> None:
        """Learn from the newest waits of each desk; what cannot be read is not learnt."""
        since = self._clock() - LATELY
        for desk in self._desks().desks:
            try:
                newest = await waits.newest(str(desk), WINDOW, since)
            except StoreError as fault:
                _log.warning("%s: how long conversations last is not learnt: %s", desk, fault)
                continue
            for wait in newest:
                talked = wait.talked if wait.fate is Fate.ANSWERED else None
                self._tempo.learn(wait.desk, wait.waited, talked)

    @asynccontextmanager
    async def keeping(self, waits: Waits) -> AsyncIterator[None]:
        """Learn from old waits, and then keep what is told, while the block runs."""
        try:
            async with meanwhile(self._keep_on(waits), "what is told of waits"):
                yield
        finally:
            await self._keep()

    def _look(self, now: datetime) -> dict[str, tuple[str, Expected]]:
        board = self._switch.board()
        if board.stale_since is not None:
            return {}
        desks: Mapping[str, Desk] = {str(name): desk for name, desk in self._desks().desks.items()}
        weights = {name: desk.weight for name, desk in desks.items()}
        callers = in_order(board.queues, weights, now, self._booked)
        seats = at_work(self._switch.posts(), self._tempo, now)

        def relaxing(line: str) -> list[tuple[int, int]]:
            desk = desks.get(desk_of(line))
            return steps(desk.relax.every, desk.relax.anyone) if desk and desk.relax else []

        found = expected(callers, seats, self._tempo.pace, relaxing)
        return {caller.id: (caller.line, found[caller.id]) for caller in callers}

    async def _keep_on(self, waits: Waits) -> None:
        await self.learn(waits)
        while True:
            await self._look_up_booked()
            await asyncio.sleep(SECONDS_PER_KEEPING)
            await self._keep()

    async def _look_up_booked(self) -> None:
        """Learn who is to be called back; while that cannot be read, it is who was."""
        try:
            booked = sorted((await self._bookings.open()).values(), key=lambda each: each.arrived)
            self._booked = booked[:MOST_BOOKED]
        except StoreError as fault:
            # Every look would say so, and whoever dials them does.
            _log.debug("who is called back before those who wait is not known: %s", fault)

    async def _keep(self) -> None:
        if not self._unkept:
            return
        some = list(self._unkept)
        self._unkept.clear()
        try:
            await self._tellings.keep(some)
        except StoreError as fault:
            _log.warning(
                "what %d callers were told of their waits is not kept: %s", len(some), fault
            )
