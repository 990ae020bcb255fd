"""Promised calls back counted by the database, on a real SQLite file."""

from datetime import timedelta
from pathlib import Path

from ivr.desk.agenda import State
from ivr.store.bookings import Bookings
from ivr.store.database import Database
from ivr.store.outstanding import Counts, Outstanding
from tests.store.test_bookings import FIRST, OTHER


async def test_promises_are_counted_by_desk_and_state(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    bookings, counts = Bookings(database), Counts(database)
    assert await counts.count(FIRST.promised) == Outstanding({}, {})
    first = await bookings.keep(FIRST)
    await bookings.keep(OTHER)
    # The earlier of the two is overdue an instant after its time.
    late = OTHER.promised + timedelta(seconds=1)
    assert await counts.count(OTHER.promised) == Outstanding({("desk", State.OPEN): 2}, {})
    assert await counts.count(late) == Outstanding({("desk", State.OPEN): 2}, {"desk": 1})
    await bookings.done(first.id, FIRST.promised)
    states = {("desk", State.OPEN): 1, ("desk", State.KEPT): 1}
    assert await counts.count(late) == Outstanding(states, {"desk": 1})
    await database.close()
