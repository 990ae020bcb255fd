"""The numbers of the desks as they are now: board, ledger and today's service levels in one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from ivr.desk.ledger import Ledger
from ivr.desk.picture import Levels, Picture, picture
from ivr.desk.snapshot import Snapshot
from ivr.meanwhile import meanwhile
from ivr.store.database import StoreError
from ivr.store.waits import Waits
from ivr.web.period import midnight

_log = logging.getLogger(__name__)

# Seconds between two looks into the database, which has the waits of calls that are over.
EVERY = 5.0


class Numbers:
    """The picture of now; `counting` keeps its service levels fresh."""

    def __init__(self, board: Callable[[], Snapshot], ledger: Ledger, waits: Waits) -> None:
        self._board = board
        self._ledger = ledger
        self._waits = waits
        self._levels: Levels = {}

    def look(self) -> Picture:
        """Return the picture of now."""
        return picture(self._board(), self._ledger.sums(), self._levels)

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[None]:
        """Count today's service levels anew and anew while the block runs."""
        async with meanwhile(self._count(), "service levels"):
            yield

    async def _count(self) -> None:
        while True:
            try:
                self._levels = await self._waits.levels(midnight(datetime.now(UTC)))
            except StoreError as fault:
                _log.warning("today's service levels are not known: %s", fault)
            await asyncio.sleep(EVERY)
