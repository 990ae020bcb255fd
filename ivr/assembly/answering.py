"""Pages, API and metrics put together: what is answered, out of what the controller has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

import aiohttp
from pydantic_core import to_jsonable_python

from ivr.agents.roster import shown
from ivr.assembly.attending import Attended
from ivr.assembly.bookkeeping import Books
from ivr.assembly.made_ready import Ready
from ivr.assembly.watching import Watched
from ivr.callbacks.agent_booking import AgentBooking
from ivr.callbacks.diary import Promises, rules
from ivr.config import Settings
from ivr.desk.snapshot import AgentState
from ivr.project import disk
from ivr.records.archive import file_of
from ivr.running import https, secrets
from ivr.running.turn import somebody_stands_by
from ivr.store import accounts
from ivr.store.marks import Marks
from ivr.store.outstanding import Counts
from ivr.store.talks import Talks
from ivr.switch.drops import dropped
from ivr.telemetry import readings
from ivr.telemetry.gauges import Gauges
from ivr.telemetry.health import Health
from ivr.versions.served import Served
from ivr.web.api import Sources, application
from ivr.web.callbacks import CallbackViews
from ivr.web.credentials import Credentials
from ivr.web.desks import DeskViews
from ivr.web.duty import DutyViews
from ivr.web.login import LoginViews
from ivr.web.metrics import MetricsView
from ivr.web.openapi import OpenApiView
from ivr.web.rights import Rights
from ivr.web.sessions import Sessions
from ivr.web.site import serving
from ivr.web.supervising import SuperviseViews
from ivr.web.talks import TalkViews
from ivr.web.wait_errors import WaitErrorViews


@asynccontextmanager
async def answering(
    settings: Settings,
    ready: Ready,
    seen: Watched,
    agents: Attended,
    books: Books,
    promises: Promises,
) -> AsyncIterator[None]:
    """Answer while the block runs. Raises WebError where the port is not to be had."""
    database, served, desks = ready.database, ready.served, ready.desks
    watch, calls, waits, audit = seen.watch, books.calls, books.waits, books.audit
    credentials = Credentials(
        lambda: secrets.users(settings.state, desks().agents),
        lambda: desks().supervisors,
        accounts.Accounts(database),
        audit.write,
    )
    is_secure = settings.tls is not None
    sessions = Sessions(accounts.Sessions(database), credentials, is_secure)
    async with aiohttp.ClientSession() as http:
        health = Health(settings, served, watch, http, ready.services.breakers.unwell)
        pages = application(
            Sources(
                calls,
                health.parts,
                lambda: agents.roster.beside(to_jsonable_python(watch.board())),
                lambda: _told(settings, served),
            ),
            Rights(credentials, sessions, audit.write),
        )
        OpenApiView().add_to(pages)
        LoginViews(credentials, sessions, audit.write).add_to(pages)
        SuperviseViews(
            agents.supervising,
            audit,
            lambda: desks().supervisors,
            lambda: {a.number for a in watch.board().agents if a.state is AgentState.TALKING},
        ).add_to(pages)
        TalkViews(Talks(database), partial(file_of, settings.talks), audit).add_to(pages)
        DutyViews(agents.roster, shown, lambda: desks().agents).add_to(pages)
        views = DeskViews(
            seen.numbers.look,
            waits,
            lambda: {name: desk.wrap_up for name, desk in desks().desks.items()},
            marks=Marks(database),
        )
        views.add_to(pages)
        WaitErrorViews(books.tellings, waits).add_to(pages)
        booking = AgentBooking(
            promises, lambda: rules(desks(), served.take("").project.hours), calls.find
        )
        CallbackViews(books.bookings, booking.book).add_to(pages)
        MetricsView(_gauges(settings, ready, seen, books).tell).add_to(pages)
        at = settings.http_host, settings.http_port
        async with views.events.looking(), serving(pages, *at, https.serves(settings)):
            yield


def _gauges(settings: Settings, ready: Ready, seen: Watched, books: Books) -> Gauges:
    house = (
        lambda: readings.calls(books.calls.in_progress, settings.most_calls),
        lambda: readings.controller(somebody_stands_by(settings.state), books.pending.count()),
        lambda: readings.version(ready.served.led()),
        lambda: readings.services(ready.services.breakers.well()),
        lambda: readings.offered(seen.ledger.sums()),
        lambda: readings.switch(seen.watch, datetime.now(UTC)),
    )
    of_sip = partial(dropped, settings.sip_host, settings.sip_port)
    return Gauges(ready.metrics.registry, house, Counts(ready.database), of_sip)


async def _told(settings: Settings, served: Served) -> dict[str, object]:
    """Return by what new calls are led, and the version of the files on disk beside it."""
    return asdict(served.led()) | {
        "files": (await asyncio.to_thread(disk.sources, settings)).version
    }
