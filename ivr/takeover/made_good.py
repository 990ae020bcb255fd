"""What the controller before left in the database, made good before the first call."""

from __future__ import annotations

from datetime import datetime

from ivr.store import before
from ivr.store.audit import Audit
from ivr.store.bookings import Bookings
from ivr.store.callers import Callers
from ivr.store.database import Database


async def made_good(database: Database, callers: Callers, audit: Audit, now: datetime) -> None:
    """Close what is open though nobody is there, and forget whose time is over.

    Raises StoreError.
    """
    await callers.forget(now)
    await before.take_over(database)
    await Bookings(database).forget(now)
    await audit.close_left(now, "the controller ended first, and nobody knows when she did")
