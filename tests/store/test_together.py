import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from ivr.store.together import MOMENT, Together

Work = Callable[[Connection], Any]
NOBODY: Any = None


class Store:
    """Does what it is given; `done` are the words of each transaction that came about."""

    def __init__(self) -> None:
        self.done: list[list[str]] = []
        self.tried = 0
        self._said: list[str] = []

    async def do(self, work: Work) -> Any:
        self.tried, self._said = self.tried + 1, []
        result = work(NOBODY)
        self.done.append(self._said)
        return result

    def saying(self, word: str, fault: Exception | None = None) -> Work:
        def work(_: Connection) -> str:
            if fault:
                raise fault
            self._said.append(word)
            return word.upper()

        return work


async def test_what_comes_within_a_moment_is_one_transaction() -> None:
    store = Store()
    together = Together(store.do)
    words = await asyncio.gather(*(together.do(store.saying(word)) for word in "ab"))
    assert words == ["A", "B"]
    assert await together.do(store.saying("c")) == "C"
    assert store.done == [["a", "b"], ["c"]]


async def test_where_much_comes_a_moment_is_longer_until_it_is_little_again() -> None:
    store = Store()
    together = Together(store.do)

    async def comes(word: str, later: float) -> None:
        await asyncio.sleep(later)
        await together.do(store.saying(word))

    await asyncio.gather(*(comes(word, 0) for word in "abc"))
    await asyncio.gather(comes("d", 0), comes("e", MOMENT * 2))
    await asyncio.gather(comes("f", 0), comes("g", MOMENT * 2))
    assert store.done == [["a", "b", "c"], ["d", "e"], ["f"], ["g"]]


async def test_who_is_at_fault_keeps_none_back() -> None:
    store = Store()
    together = Together(store.do)
    known = IntegrityError("", None, Exception("it is there already"))
    said = await asyncio.gather(
        together.do(store.saying("a")),
        together.do(store.saying("b", known)),
        together.do(store.saying("c")),
        return_exceptions=True,
    )
    assert list(said) == ["A", known, "C"]
    assert store.done == [["a"], ["c"]]


async def test_a_database_that_is_locked_is_not_asked_again_for_each() -> None:
    store = Store()
    together = Together(store.do)
    locked = OperationalError("", None, Exception("database is locked"))
    said = await asyncio.gather(
        *(together.do(store.saying(word, locked)) for word in "abc"), return_exceptions=True
    )
    assert said == [locked] * 3
    assert store.tried == 1


async def test_what_is_called_off_is_done_all_the_same_and_close_waits_for_it() -> None:
    store = Store()
    together = Together(store.do)
    writing = [asyncio.create_task(together.do(store.saying(word))) for word in "ab"]
    await asyncio.sleep(0)
    writing[0].cancel()
    await together.close()
    assert store.done == [["a", "b"]]
    assert await writing[1] == "B"
    with pytest.raises(asyncio.CancelledError):
        await writing[0]
