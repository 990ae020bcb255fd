"""What the controller before left in the database, made good before the first call."""

from __future__ import annotations

import logging
from datetime import datetime

from ivr.store import before
from ivr.store.audit import Audit
from ivr.store.bookings import Bookings
from ivr.store.callers import Callers
from ivr.store.calls import Calls
from ivr.store.database import Database

_log = logging.getLogger(__name__)


async def made_good(database: Database, callers: Callers, audit: Audit, now: datetime) -> None:
    """Close what is open though nobody is there, and forget whose time is over.

    Raises StoreError.
    """
    await callers.forget(now)
    await before.take_over(database)
    await Bookings(database).forget(now)
    left = await Calls(database).close_left("failed", "the controller ended first", now)
    if left:
        _log.warning("%d calls were left open when the controller last ended", left)
    await audit.close_left(now, "the controller ended first, and nobody knows when she did")
