"""The diary: what a desk promises is kept, and what cannot be kept is not promised."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.callbacks.diary import BOOKING, Diary, Promises, rules, taker
from ivr.desk.agenda import Booking, Rule
from ivr.desk.order import tenths
from ivr.desk.workload import Pace
from ivr.flow.effects import Book, Booked, Impossible, Offered, Refused
from ivr.flow.hours import Hours
from ivr.records.pending import Pending
from ivr.store.bookings import Bookings
from ivr.store.database import Database, StoreError
from ivr.switch.desk_files import parse

DESKS = """
desks:
  desk:
    members: [1001]
    promise: {within: 1h, attempts: 2, pause: 5m, first: caller}
    hours: always
  busy: {members: [1001]}
"""
AGENTS = "agents: {1001: {name: Ann}}"

ALWAYS = {"always": Hours.model_validate({"open": "24/7"})}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERS = Book("desk", "13800138000", "yue", ("yue",), 80)
ASKED = Book("desk", "", "yue")


@pytest.fixture
async def bookings(tmp_path: Path) -> AsyncIterator[Bookings]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    yield Bookings(database)
    await database.close()


def known() -> dict[str, Rule]:
    desks, problems = parse(("desks.yaml", DESKS), ("agents.yaml", AGENTS))
    assert desks is not None, problems
    return rules(desks, ALWAYS)


def diary(promises: Promises, arrived: int | None = 17, call: str = "c1") -> Diary:
    async def since() -> int | None:
        return arrived

    return Diary(promises, known(), call, lambda: NOON, since)


def test_how_a_desk_keeps_its_promise_is_what_it_says() -> None:
    rule = Rule(ALWAYS["always"], HOUR, 2, timedelta(minutes=5), "caller")
    assert known() == {"desk": rule}


async def test_a_question_keeps_nothing_and_a_booking_is_kept(bookings: Bookings) -> None:
    mine = diary(Promises(bookings))
    assert await mine.book(ASKED) == Offered(NOON + HOUR)
    assert await bookings.open() == {}
    assert await mine.book(HERS) == Booked(NOON + HOUR)
    (kept,) = (await bookings.open()).values()
    assert (kept.call, kept.number, kept.desk, kept.language) == (
        "c1",
        "13800138000",
        "desk",
        "yue",
    )
    assert (kept.skills, kept.speed, kept.arrived) == (("yue",), 80, 17)


@pytest.mark.parametrize(
    ("hers", "number"),
    [("1012345678", "01012345678"), ("13800138000", "13800138000"), ("4001234567", ""), ("", "")],
)
async def test_her_own_number_is_offered_where_it_may_be_called(
    bookings: Bookings, hers: str, number: str
) -> None:
    asked = Book("desk", "", "yue", hers=hers)
    assert await diary(Promises(bookings)).book(asked) == Offered(NOON + HOUR, number)


async def test_her_place_is_now_where_it_is_not_known_when_she_came(bookings: Bookings) -> None:
    await diary(Promises(bookings), None).book(HERS)
    (kept,) = (await bookings.open()).values()
    assert kept.arrived == tenths(NOON)


async def test_who_was_promised_already_is_told_the_earlier_time(bookings: Bookings) -> None:
    await diary(Promises(bookings)).book(HERS)
    later = diary(Promises(bookings), call="c2")
    again = Diary(later.promises, later.rules, "c2", lambda: NOON + HOUR / 2, later.arrived)
    assert await again.book(HERS) == Booked(NOON + HOUR)
    assert len(await bookings.open()) == 1


@pytest.mark.parametrize("number", ["10086", "1001", "4001234567", "85291234567"])
async def test_nobody_is_called_where_nobody_may_be_called(bookings: Bookings, number: str) -> None:
    promises = Promises(bookings, numbers=lambda: {"10086", "1001"})
    assert isinstance(await diary(promises).book(Book("desk", number, "yue")), Refused)
    assert await bookings.open() == {}


async def test_what_the_desk_cannot_do_in_time_is_not_promised(bookings: Bookings) -> None:
    async def busy(desk: str, rule: Rule, now: datetime) -> Pace:
        return Pace(ahead=100, agents=2)

    mine = diary(Promises(bookings, busy))
    for book in (ASKED, HERS):
        answer = await mine.book(book)
        assert answer == Impossible("'desk' has 100 to call before her")


async def test_a_desk_without_a_promise_makes_none(bookings: Bookings) -> None:
    book = Book("busy", "13800138000", "yue")
    assert isinstance(await diary(Promises(bookings)).book(book), Impossible)


async def test_what_cannot_be_stored_or_counted_is_not_promised(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    await database.close()
    assert isinstance(await diary(Promises(Bookings(database))).book(HERS), Impossible)

    async def unknown(desk: str, rule: Rule, now: datetime) -> Pace:
        raise StoreError("locked")

    answer = await diary(Promises(Bookings(database), unknown)).book(ASKED)
    assert answer == Impossible("locked")


class Away(Bookings):
    """A database that does not answer in time; what it was asked to do is done all the same."""

    def __init__(self, database: Database, fault: type[Exception], is_done: bool) -> None:
        super().__init__(database)
        self.fault, self.is_done = fault, is_done

    async def keep(self, booking: Booking, once: str = "") -> Booking:
        if self.is_done:
            await super().keep(booking, once)
        raise self.fault("locked")


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("fault", [StoreError, TimeoutError])
async def test_a_promise_that_the_database_does_not_take_waits_and_is_made_once(
    tmp_path: Path, fault: type[Exception], is_done: bool
) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    bookings, away = Bookings(database), Away(database, fault, is_done)
    pending = Pending(tmp_path / "pending", {BOOKING: taker(bookings)})
    (tmp_path / "pending").mkdir(mode=0o700)
    assert await diary(Promises(away, pending=pending)).book(HERS) == Booked(NOON + HOUR)
    (file,) = (tmp_path / "pending").iterdir()
    again = file.read_text()
    await pending.write()
    (kept,) = (await bookings.open()).values()
    assert (kept.call, kept.number, kept.skills) == ("c1", "13800138000", ("yue",))
    assert await bookings.done(kept.id, NOON + HOUR)
    # Nobody is called twice because a file was not deleted.
    file.write_text(again)
    await pending.write()
    assert await bookings.open() == {}
    await database.close()


async def test_a_promise_that_no_disk_takes_either_is_not_told(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    away = Away(database, StoreError, is_done=False)
    nowhere = Pending(tmp_path / "not there", {})
    assert isinstance(await diary(Promises(away, pending=nowhere)).book(HERS), Impossible)
    assert isinstance(await diary(Promises(away)).book(HERS), Impossible)
    await database.close()
