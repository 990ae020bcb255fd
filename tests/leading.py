"""A controller that leads calls, on a free port and a database of its own."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from ivr.agents.refurnish import InForce
from ivr.agi.server import Server
from ivr.announcements.noticeboard import Noticeboard
from ivr.callbacks.diary import Promises
from ivr.desk.ledger import Ledger
from ivr.flow.record import CallRecord
from ivr.line.stay import Switch
from ivr.line.waits import Waits
from ivr.records.callbook import CallBook
from ivr.services.http import Services
from ivr.serving.controller import Controller, Errand, Tell
from ivr.store.announcements import Announcements
from ivr.store.bookings import Bookings
from ivr.store.callers import Callers
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.switch.desks import Desks
from ivr.versions.edition import Edition
from ivr.versions.served import Led
from tests.line.switch import Serve, serving, speaking
from tests.stage import load

FLOW = """
flow: f
languages: [cmn, yue, en]
start: menu
nodes:
  menu: {menu: ask, keys: {1: hello}, otherwise: bye}
  hello: {say: hello, go: bye}
  bye: hangup
"""


@contextlib.asynccontextmanager
async def a_database(folder: Path) -> AsyncIterator[Database]:
    """A database of its own."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'calls.db'}")
    try:
        yield database
    finally:
        await database.close()


class Always:
    """Every call is led by one edition."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    def take(self, call: str) -> Edition:
        return self._edition

    async def again(self, version: str, call: str) -> Edition:
        return self._edition

    async def over(self, record: CallRecord) -> None: ...

    async def follow(self) -> None: ...

    def led(self) -> Led:
        return Led(self._edition.version, "files")


@contextlib.asynccontextmanager
async def a_controller(
    folder: Path,
    flow: str = FLOW,
    ledger: Ledger | None = None,
    beside: Mapping[str, Errand] | None = None,
    tell: Tell | None = None,
    switch: Switch | None = None,
    waits: Waits | None = None,
    made: Callable[[Serve], Server] = Server,
) -> AsyncIterator[tuple[int, CallBook]]:
    """A controller on a free port, and its book of calls."""
    project = load(flow)
    async with a_database(folder) as database:
        book, callers = CallBook(Calls(database)), Callers(database, timedelta(days=90))
        async with (
            Services(project.services) as services,
            speaking(folder) as speaker,
        ):
            served = Always(Edition(project, speaker, services))
            board = Noticeboard(Announcements(database), folder, ("alaw",))
            desks, bookings = InForce(Desks(desks={}, agents={})), Promises(Bookings(database))
            ledger = ledger or Ledger()
            work = Controller(
                served,
                book,
                callers,
                board,
                folder,
                bookings,
                desks,
                ledger,
                switch,
                beside=beside,
                tell=tell,
                waits=waits,
            )
            async with serving(work.serve, made) as port:
                yield port, book


VOICEMAIL = """
flow: f
languages: [cmn, yue, en]
start: message
nodes:
  message: {record: hello, into: message, go: bye, silent: bye}
  bye: hangup
"""
