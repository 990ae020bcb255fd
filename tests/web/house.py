"""The whole API on a port, with a real database behind it and nobody on the phone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.agents.roster import shown
from ivr.desk.agenda import Booking
from ivr.desk.duty import Standing
from ivr.desk.picture import Picture
from ivr.desk.supervision import Way
from ivr.past.tapes import Tape
from ivr.store import accounts
from ivr.store.audit import Audit
from ivr.store.bookings import Bookings
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.marks import Marks
from ivr.store.talks import Talks
from ivr.store.tellings import Tellings
from ivr.store.waits import Waits
from ivr.versions.served import Led
from ivr.web.api import Part, Sources, application
from ivr.web.callbacks import CallbackViews, Wanted
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
from tests.web.doors import OPERATORS
from tests.web.test_api import BOARD, record

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST = Booking("c1", "13800138000", "desk", "yue", NOON, NOON + timedelta(hours=1), 17954208000)


class Roster:
    """Agents stand where they were told to; supervisors' phones ring and nobody answers."""

    def __init__(self) -> None:
        self.standings: dict[str, Standing] = {}

    def of(self, agent: str) -> Standing:
        return self.standings.get(agent, Standing())

    async def change(self, agent: str, standing: Standing) -> bool:
        self.standings[agent] = standing
        return True

    async def ring(self, who: str, supervisor: str, way: Way, agent: str) -> int:
        return 1

    async def refuse(self, who: str, way: Way, agent: str, why: str) -> None:
        pass


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[int]:
    """Open the house with some calls, talks and promises in it; give its port."""
    async with await Database.open(f"sqlite+aiosqlite:///{folder / 'calls.db'}") as database:
        calls, bookings, audit = Calls(database), Bookings(database), Audit(database)
        for id in ("a.1", "a.2"):
            await calls.write(record(id))
        for n in range(40):
            await bookings.keep(Booking(**{**asdict(FIRST), "call": f"c{n}"}))
        talk = Tape("a.1_1", "a.1", "139", "desk", "Li Na", NOON, 61.5, NOON + timedelta(days=9))
        await Talks(database).keep(talk)
        (folder / "a.1_1.wav").write_bytes(b"sound")

        async def health() -> Mapping[str, Part]:
            return {"controller": Part(ok=True, pid=41)}

        async def versions() -> Mapping[str, object]:
            return asdict(Led("aaa", "published")) | {"files": "aaa"}

        async def book(wanted: Wanted) -> Booking | str:
            if wanted.desk != "desk":
                return "no such desk"
            return await bookings.keep(Booking(**{**asdict(FIRST), "call": wanted.call}))

        async def metrics(_accept: str) -> tuple[bytes, str]:
            return b"up 1\n", "text/plain; version=0.0.4; charset=utf-8"

        roster, supervisors = Roster(), {"1009"}
        credentials = Credentials(
            lambda: OPERATORS, lambda: supervisors, accounts.Accounts(database), audit.write
        )
        sessions = Sessions(accounts.Sessions(database), credentials)
        rights = Rights(credentials, sessions, audit.write)
        app = application(Sources(calls, health, lambda: BOARD, versions), rights)
        picture = Picture(None, {"desk": {"name": "desk"}}, {"PJSIP/1001": {"number": "1001"}})
        for views in (
            OpenApiView(),
            LoginViews(credentials, sessions, audit.write),
            SuperviseViews(roster, audit, lambda: supervisors, lambda: {"1001"}),
            TalkViews(Talks(database), lambda name: folder / f"{name}.wav", audit),
            DutyViews(roster, shown, lambda: {"1001", "1002"}),
            DeskViews(
                lambda: picture, Waits(database), lambda: {"desk": 5.0}, marks=Marks(database)
            ),
            WaitErrorViews(Tellings(database), Waits(database)),
            CallbackViews(bookings, book),
            MetricsView(metrics),
        ):
            views.add_to(app)
        async with serving(app, port=0) as port:
            yield port
