import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import OperationalError

from ivr.store.swift import Swift


@pytest.fixture
async def swift(tmp_path: Path) -> AsyncIterator[Swift]:
    swift = Swift(make_url(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}"), lambda *_: None)
    await swift.do(lambda connection: _say(connection, "create table words (word text)"))
    yield swift
    await swift.close()


def _say(connection: Connection, words: str) -> None:
    connection.execute(text(words))


async def words(swift: Swift) -> list[str]:
    return await swift.do(
        lambda connection: [row.word for row in connection.execute(text("select * from words"))]
    )


async def test_all_of_a_transaction_is_done_or_nothing(swift: Swift) -> None:
    def breaks_off(connection: Connection) -> None:
        _say(connection, "insert into words values ('one')")
        _say(connection, "insert into nothing values ('two')")

    with pytest.raises(OperationalError):
        await swift.do(breaks_off)
    assert await words(swift) == []


async def test_what_is_called_off_is_done_all_the_same(swift: Swift, tmp_path: Path) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def write(connection: Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        _say(connection, "insert into words values ('one')")

    writing = asyncio.create_task(swift.do(write))
    await begun.wait()
    writing.cancel()
    await asyncio.wait([writing])
    await swift.close()
    assert writing.cancelled()
    with contextlib.closing(sqlite3.connect(tmp_path / "calls.db")) as file:
        assert file.execute("select * from words").fetchall() == [("one",)]
