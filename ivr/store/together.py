"""What is written within a moment, written in one transaction.

A transaction costs more than what is in it: a message to a thread and back, and a disk that has to
say that it has it. Whoever writes is told when that is done, so nothing is lost that was promised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from ivr.store.swift import Result

# Seconds: nobody waits for a record.
MOMENT = 0.05
# And where so many came within the last: fewer transactions, each of more. It is shorter than a
# call that is over waits for its record (`ivr.serving.closing.BOOK_KEEPING`).
BUSY, LONGER = 3, 0.2

Work = Callable[[Connection], Any]


class Together:
    """Does together what comes within a moment; `do` does all of some work in one transaction."""

    def __init__(self, do: Callable[[Work], Awaitable[Any]]) -> None:
        self._do = do
        self._some: list[tuple[Work, asyncio.Future[Any]]] = []
        self._doing = set[asyncio.Task[None]]()
        self._moment = MOMENT

    async def do(self, work: Callable[[Connection], Result]) -> Result:
        """Do some work with what else comes; what it raises is raised here, and keeps none back.

        Called off, it is done all the same.
        """
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._some.append((work, done))
        if len(self._some) == 1:
            doing = asyncio.create_task(self._gather())
            self._doing.add(doing)
            doing.add_done_callback(self._doing.discard)
        return await done

    async def close(self) -> None:
        """Let what came until now come to its end."""
        if self._doing:
            await asyncio.wait(self._doing)

    async def _gather(self) -> None:
        await asyncio.sleep(self._moment)
        some, self._some = self._some, []
        self._moment = LONGER if len(some) >= BUSY else MOMENT
        try:
            results = await self._do(lambda connection: [work(connection) for work, _ in some])
        except Exception as fault:  # whatever it is, whoever waits is to learn it
            if len(some) == 1 or isinstance(fault, OperationalError):  # locked, gone, or full
                for _, done in some:
                    _fail(done, fault)
            else:  # one of them is at fault: each learns of its own
                await asyncio.gather(*(self._alone(work, done) for work, done in some))
        else:
            _tell([done for _, done in some], results)

    async def _alone(self, work: Work, done: asyncio.Future[Any]) -> None:
        try:
            _tell([done], [await self._do(work)])
        except Exception as fault:  # as above
            _fail(done, fault)


def _fail(done: asyncio.Future[Any], fault: Exception) -> None:
    if not done.done():
        done.set_exception(fault)


def _tell(waiting: Sequence[asyncio.Future[Any]], results: Sequence[Any]) -> None:
    for done, result in zip(waiting, results, strict=True):
        if not done.done():  # it was called off
            done.set_result(result)
