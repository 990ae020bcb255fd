"""The API put together: what it answers, out of what the controller has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from aiohttp import web
from pydantic_core import to_jsonable_python

from ivr import disk, secrets
from ivr.agent_booking import AgentBooking
from ivr.archive import file_of
from ivr.callbook import CallBook
from ivr.config import Settings
from ivr.desk.snapshot import AgentState
from ivr.desk.watch import Watch
from ivr.diary import Promises, rules
from ivr.live import Served
from ivr.numbers import Numbers
from ivr.roster import Roster, shown
from ivr.store import accounts
from ivr.store.audit import Audit
from ivr.store.bookings import Bookings
from ivr.store.database import Database
from ivr.store.marks import Marks
from ivr.store.talks import Talks
from ivr.store.tellings import Tellings
from ivr.store.waits import Waits
from ivr.supervising import Supervising
from ivr.switch.desks import Desks
from ivr.web.api import Sources, application
from ivr.web.callbacks import CallbackViews
from ivr.web.credentials import Credentials
from ivr.web.desks import DeskViews
from ivr.web.duty import DutyViews
from ivr.web.events import Events
from ivr.web.login import LoginViews
from ivr.web.openapi import OpenApiView
from ivr.web.rights import Rights
from ivr.web.sessions import Sessions
from ivr.web.supervising import SuperviseViews
from ivr.web.talks import TalkViews
from ivr.web.wait_errors import WaitErrorViews


def answering(
    settings: Settings,
    database: Database,
    calls: CallBook,
    watch: Watch,
    served: Served,
    numbers: Numbers,
    roster: Roster,
    supervising: Supervising,
    promises: Promises,
    tellings: Tellings,
    health: Callable[[], Awaitable[Mapping[str, Any]]],
    desks: Callable[[], Desks],
) -> tuple[web.Application, Events]:
    """Return the application, and its live events, which want to be kept `looking`.

    `desks` are those that new calls go by.
    """
    waits, audit = Waits(database), Audit(database)
    credentials = Credentials(
        lambda: secrets.users(settings.state, map(str, desks().agents)),
        lambda: desks().supervisors,
        accounts.Accounts(database),
        audit.write,
    )
    sessions = Sessions(accounts.Sessions(database), credentials)
    pages = application(
        Sources(
            calls,
            health,
            lambda: roster.beside(to_jsonable_python(watch.board())),
            lambda: _told(settings, served),
        ),
        Rights(credentials, sessions, audit.write),
    )
    OpenApiView().add_to(pages)
    LoginViews(credentials, sessions, audit.write).add_to(pages)
    SuperviseViews(
        supervising,
        audit,
        lambda: desks().supervisors,
        lambda: {a.number for a in watch.board().agents if a.state is AgentState.TALKING},
    ).add_to(pages)
    TalkViews(Talks(database), partial(file_of, settings.talks), audit).add_to(pages)
    DutyViews(roster, shown, lambda: set(map(str, desks().agents))).add_to(pages)
    views = DeskViews(
        numbers.look,
        waits,
        lambda: {name: desk.wrap_up for name, desk in desks().desks.items()},
        marks=Marks(database),
    )
    views.add_to(pages)
    WaitErrorViews(tellings, waits).add_to(pages)
    booking = AgentBooking(
        promises, lambda: rules(desks(), served.take("").project.hours), calls.find
    )
    CallbackViews(Bookings(database), booking.book).add_to(pages)
    return pages, views.events


async def _told(settings: Settings, served: Served) -> dict[str, object]:
    """Return by what new calls are led, and the version of the files on disk beside it."""
    return asdict(served.led()) | {
        "files": (await asyncio.to_thread(disk.sources, settings)).version
    }
