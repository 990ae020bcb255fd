"""How fast the desks work, as it was measured, and what each has to do before one more caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from ivr.desk.agenda import Rule
from ivr.desk.lines import desk_of
from ivr.desk.snapshot import AgentState, Snapshot
from ivr.desk.workload import USUAL, Pace
from ivr.store.bookings import Bookings
from ivr.store.database import StoreError
from ivr.store.waits import Waits
from ivr.switch.desks import Desks

# How far back is measured, and how many calls say more than what is usual.
MEASURED = timedelta(days=7)
ENOUGH = 20
# Seconds a caller hears nothing before what was known last has to do.
PATIENCE = 1.5
_AWAY = (AgentState.LOGGED_OUT, AgentState.PAUSED)


class Paces:
    """Tells the pace of a desk from the board, the bookings and the waits that were.

    `pending` is how much waits for the database.
    """

    def __init__(
        self,
        board: Callable[[], Snapshot],
        bookings: Bookings,
        waits: Waits,
        desks: Callable[[], Desks],
        pending: Callable[[], int] = lambda: 0,
    ) -> None:
        self._board = board
        self._bookings = bookings
        self._waits = waits
        self._desks = desks
        self._pending = pending
        # What the database said last of each desk: it may be away when a caller asks.
        self._said: dict[str, tuple[tuple[int, float, int], int]] = {}

    async def of(self, desk: str, rule: Rule, now: datetime) -> Pace:
        """Return the pace of a desk. Raises StoreError.

        Its agents are those who are there; while it is closed, or nobody is, those who answered on
        the last day that somebody did, or else all that belong to it.
        """
        board = self._board()
        lines = (queue for queue in board.queues if desk_of(queue.name) == desk)
        # Who stands in for somebody is among the bookings.
        live = sum(not caller.is_booked for line in lines for caller in line.callers)
        there = sum(
            agent.state not in _AWAY and desk in map(desk_of, agent.queues)
            for agent in board.agents
        )
        (calls, talked, agents), booked = await self._told(desk, now)
        known = self._desks().desk(desk)
        if not there or rule.hours.state(now) != "open":
            there = agents or (len(known.members) if known else 0)
        handling = USUAL
        if calls >= ENOUGH:
            handling = timedelta(seconds=talked + (known.wrap_up if known else 0.0))
        return Pace(live + booked, there, handling)

    async def _told(self, desk: str, now: datetime) -> tuple[tuple[int, float, int], int]:
        """Return what is measured of a desk and how many it has promised, as far as is known."""
        try:
            async with asyncio.timeout(PATIENCE):
                measured = await self._waits.pace(desk, now - MEASURED)
                self._said[desk] = measured, await self._bookings.waiting(desk)
        except (StoreError, TimeoutError) as fault:
            if desk not in self._said:
                raise StoreError(str(fault) or "the database is too slow") from fault
        measured, booked = self._said[desk]
        return measured, booked + self._pending()
