"""A controller that leads calls, on a free port and a database of its own."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from ivr.agi.server import Server
from ivr.announcements.noticeboard import Noticeboard
from ivr.callbacks.diary import Promises
from ivr.desk.faults import AmiError
from ivr.desk.keys import KeyReader
from ivr.desk.ledger import Ledger
from ivr.desk.messages import Tell
from ivr.flow.record import CallRecord
from ivr.line.led import Lines
from ivr.line.stay import Switch
from ivr.line.waits import Waits
from ivr.records.callbook import CallBook
from ivr.services.http import Services
from ivr.serving.closing import Closing
from ivr.serving.controller import Controller, Errand
from ivr.serving.entrance import Entrance
from ivr.serving.worlds import Worlds
from ivr.store.announcements import Announcements
from ivr.store.bookings import Bookings
from ivr.store.callers import Callers
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.switch.desks import Desks
from ivr.switch.in_force import InForce
from ivr.takeover.waiting_on import WaitingOn
from ivr.versions.edition import Edition
from ivr.versions.served import Led, Served
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


async def nobody(action: Mapping[str, str]) -> Mapping[str, str]:
    """A switch that answers no action."""
    raise AmiError("there is no switch")


async def unheard(agent: str, text: str) -> bool:
    """An agent whose phone shows nothing."""
    return False


def leading(
    served: Served,
    database: Database,
    folder: Path,
    *,
    ledger: Ledger | None = None,
    errands: Mapping[str, Errand] | None = None,
    tell: Tell = unheard,
    switch: Switch | None = None,
    waits: Waits | None = None,
) -> tuple[Controller, CallBook]:
    """Put a controller together, and its book of calls."""
    book, callers = CallBook(Calls(database)), Callers(database, timedelta(days=90))
    board = Noticeboard(Announcements(database), folder, ("alaw",))
    desks, promises = InForce(Desks(desks={}, agents={})), Promises(Bookings(database))
    switch = switch or Switch(folder, KeyReader(nobody), nobody)
    lines = Lines(folder, frozenset, switch, waits or Waits(folder / "waits"))
    worlds = Worlds(board, promises, desks, ledger or Ledger(), switch, lambda desk, caller: None)
    waiting_on = WaitingOn(book, served, lines, worlds.waiting)
    entrance = Entrance(callers, dict, served, waiting_on)
    closing = Closing(book, callers, board, served, lines.waits, tell)
    return Controller(entrance, lines, book, worlds, closing, errands or {}), book


@contextlib.asynccontextmanager
async def a_controller(
    folder: Path,
    flow: str = FLOW,
    ledger: Ledger | None = None,
    errands: Mapping[str, Errand] | None = None,
    tell: Tell = unheard,
    switch: Switch | None = None,
    waits: Waits | None = None,
    made: Callable[[Serve], Server] = Server,
) -> AsyncIterator[tuple[int, CallBook]]:
    """A controller on a free port, and its book of calls."""
    project = load(flow)
    async with (
        a_database(folder) as database,
        Services(project.services) as services,
        speaking(folder) as speaker,
    ):
        work, book = leading(
            Always(Edition(project, speaker, services)),
            database,
            folder,
            ledger=ledger,
            errands=errands,
            tell=tell,
            switch=switch,
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
