"""The books: what is kept of calls and promised to callers, and waits where it has to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.assembly.made_ready import Ready
from ivr.callbacks import diary
from ivr.callbacks.diary import Promises
from ivr.callbacks.paces import Paces
from ivr.config import Settings
from ivr.desk.watch import Watch
from ivr.records import callbook
from ivr.records.callbook import CallBook
from ivr.records.pending import Pending
from ivr.store.audit import Audit
from ivr.store.bookings import Bookings
from ivr.store.callers import Callers
from ivr.store.calls import Calls
from ivr.store.tellings import Tellings
from ivr.store.waits import Waits
from ivr.takeover.made_good import made_good
from ivr.telemetry.tracing import tracing


@dataclass(frozen=True)
class Books:
    """What is kept of calls, waits, promises and acts.

    `calls` has those that last as well, of which `records` is what is stored; `pending` is what the
    database has not taken yet.
    """

    calls: CallBook
    records: Calls
    callers: Callers
    bookings: Bookings
    waits: Waits
    tellings: Tellings
    audit: Audit
    pending: Pending


@asynccontextmanager
async def bookkeeping(settings: Settings, ready: Ready) -> AsyncIterator[Books]:
    """Keep the books while the block runs. Those of the controller before are put right.

    Raises StoreError.
    """
    database = ready.database
    callers, audit = Callers(database, settings.remember_callers), Audit(database)
    await made_good(database, callers, audit, datetime.now(UTC))
    records, bookings = Calls(database), Bookings(database)
    takers = {callbook.RECORD: callbook.taker(records), diary.BOOKING: diary.taker(bookings)}
    pending = Pending(settings.pending, takers)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(pending.writing())
        traced = await stack.enter_async_context(tracing())
        calls = CallBook(records, ready.metrics.over, pending, traced)
        waits, tellings = Waits(database), Tellings(database)
        yield Books(calls, records, callers, bookings, waits, tellings, audit, pending)


def promises(settings: Settings, ready: Ready, books: Books, watch: Watch) -> Promises:
    """Return what is promised from now on, and by what it is judged."""
    desks, waiting = ready.desks, lambda: books.pending.count(diary.BOOKING)
    return Promises(
        books.bookings,
        Paces(watch.board, books.bookings, books.waits, desks, waiting).of,
        settings.call_back_countries,
        lambda: {*settings.numbers, *desks().numbers},
        books.pending,
    )
