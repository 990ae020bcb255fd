"""The book of calls: those of the store, and those that still last."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.flow.caller import Caller
from ivr.flow.record import CallRecord
from ivr.flow.session import Session
from ivr.records.callbook import RECORD, CallBook, taker
from ivr.records.pending import Pending
from ivr.store.calls import Calls
from tests.leading import a_database
from tests.stage import START, load

FLOW = """
flow: f
languages: [cmn, yue, en]
start: bye
nodes: {bye: hangup}
"""


@contextlib.asynccontextmanager
async def a_book(folder: Path) -> AsyncIterator[tuple[CallBook, Calls]]:
    """A book of calls over a store of its own."""
    async with a_database(folder) as database:
        store = Calls(database)
        yield CallBook(store), store


def a_call(id: str, minute: int) -> Session:
    """A call that began so many minutes after the first."""
    return Session(
        load(FLOW), "f", Caller(id, "1380013800" + id), START + timedelta(minutes=minute)
    )


def ended(call: Session) -> Session:
    call.hang_up(START + timedelta(hours=1))
    return call


async def test_calls_that_still_last_stand_among_the_stored_ones_newest_first(
    tmp_path: Path,
) -> None:
    async with a_book(tmp_path) as (book, store):
        for id, minute in (("1", 1), ("3", 3)):
            await store.write(ended(a_call(id, minute)).record)
        newest, older = a_call("4", 4), a_call("2", 2)
        with book.open(newest), book.open(older):
            assert [call.id for call in await book.latest(10)] == ["4", "3", "2", "1"]
            assert [call.id for call in await book.latest(2)] == ["4", "3"]
        ended(newest)
        ended(older)
        assert [call.id for call in await book.latest(10)] == ["3", "1"]


async def test_a_call_that_is_live_and_stored_is_told_once(tmp_path: Path) -> None:
    async with a_book(tmp_path) as (book, _):
        call = a_call("1", 1)
        with book.open(call):
            await book.keep(ended(call).record)
            assert [call.id for call in await book.latest(10)] == ["1"]
        assert [call.id for call in await book.latest(10)] == ["1"]


async def test_a_call_is_found_while_it_lasts_and_afterwards(tmp_path: Path) -> None:
    async with a_book(tmp_path) as (book, _):
        call = a_call("1", 1)
        with book.open(call):
            live = await book.find("1")
            assert live is not None and live.ended is None
            assert await book.find("2") is None
        await book.keep(ended(call).record)
        assert await book.find("1") == call.record


async def test_each_call_that_is_over_is_told_once_with_its_whole_record(tmp_path: Path) -> None:
    told: list[CallRecord] = []
    async with a_database(tmp_path) as database:
        book, call = CallBook(Calls(database), told.append), a_call("1", 1)
        with book.open(call):
            assert book.in_progress == 1 and not told
            ended(call)
        assert book.in_progress == 0
    assert told == [call.record]


async def test_a_part_in_the_middle_of_another_gives_the_call_back(tmp_path: Path) -> None:
    first, within = a_call("1.1", 0), a_call("1.1-2", 1)
    async with a_book(tmp_path) as (book, _):
        with book.open(first):
            with book.open(within):
                assert book.live("1.1") is within
            assert book.live("1.1") is ended(first)
            ended(within)
        assert book.live("1.1") is None


async def test_a_record_that_cannot_be_stored_waits_and_is_the_same_when_it_is_written(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "pending"
    folder.mkdir(mode=0o700)
    record = ended(a_call("7", 1)).record
    async with a_database(tmp_path) as database:
        store = Calls(database)
        pending = Pending(folder, {RECORD: taker(store)})
        book = CallBook(store, pending=pending)
        assert await book.begin(record)
        file = tmp_path / "calls.db"
        file.rename(tmp_path / "aside")
        await book.keep(record)
        assert pending.count(RECORD) == 1
        (tmp_path / "aside").rename(file)
        again = (folder / "call-7.json").read_text()
        await pending.write()
        # As after a crash between writing and deleting.
        await pending.keep(RECORD, "7", again)
        await pending.write()
        assert await store.latest(9) == [record]


async def test_without_a_place_to_wait_a_record_that_cannot_be_stored_is_told_to_be_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_database(tmp_path) as database:
        book = CallBook(Calls(database))
        await database.close()
        await book.keep(ended(a_call("7", 1)).record)
    assert "the record of call 7 is lost" in caplog.text
