"""How fast the desks work, as it was measured, and what each has to do before one more caller."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ivr.desk.agenda import Rule
from ivr.desk.lines import desk_of
from ivr.desk.snapshot import AgentState, Snapshot
from ivr.desk.workload import USUAL, Pace
from ivr.store.bookings import Bookings
from ivr.store.waits import Waits
from ivr.switch.desks import Desks

# How far back is measured, and how many calls say more than what is usual.
MEASURED = timedelta(days=7)
ENOUGH = 20
_AWAY = (AgentState.LOGGED_OUT, AgentState.PAUSED)


class Paces:
    """Tells the pace of a desk from the board, the bookings and the waits that were."""

    def __init__(
        self,
        board: Callable[[], Snapshot],
        bookings: Bookings,
        waits: Waits,
        desks: Callable[[], Desks],
    ) -> None:
        self._board = board
        self._bookings = bookings
        self._waits = waits
        self._desks = desks

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
        calls, talked, agents = await self._waits.pace(desk, now - MEASURED)
        known = self._desks().desk(desk)
        if not there or rule.hours.state(now) != "open":
            there = agents or (len(known.members) if known else 0)
        handling = USUAL
        if calls >= ENOUGH:
            handling = timedelta(seconds=talked + (known.wrap_up if known else 0.0))
        return Pace(live + await self._bookings.waiting(desk), there, handling)
