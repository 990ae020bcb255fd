"""The controller put together, for as long as it runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import aiohttp

from ivr import callbook, diary, disk, https, secrets
from ivr.answering import answering
from ivr.archive import Archive
from ivr.callbook import CallBook
from ivr.calling_back import calling_back
from ivr.clock_steps import ClockSteps
from ivr.codes import Codes
from ivr.config import Settings
from ivr.controller import Controller, Errand
from ivr.crier import Crier
from ivr.desk.ami import plain
from ivr.desk.call_files import CallFiles
from ivr.desk.keys import KeyReader
from ivr.desk.ledger import Ledger
from ivr.desk.messages import Messages
from ivr.desk.tempo import Tempo
from ivr.desk.watch import Watch
from ivr.diary import Promises
from ivr.drafts import Drafts
from ivr.edition import Press
from ivr.errors import IvrError
from ivr.flow.project import Project
from ivr.flow.services import Declared
from ivr.foretelling import Foretelling
from ivr.gauges import Gauges
from ivr.greeter import Greeter
from ivr.health import Health
from ivr.keeping import Keeper
from ivr.left_behind import Channels, LeftBehind
from ivr.left_journals import LeftJournals
from ivr.line.stay import Switch
from ivr.line.waits import Waits as KeptWaits
from ivr.live import Bound, Live, Served
from ivr.made_good import made_good
from ivr.meanwhile import meanwhile
from ivr.metrics import Metrics
from ivr.noticeboard import Noticeboard
from ivr.numbers import Numbers
from ivr.paces import Paces
from ivr.pending import Pending
from ivr.refurnish import at_start, follow
from ivr.roster import Roster
from ivr.server import Server
from ivr.services.http import Services
from ivr.sounds import speakers
from ivr.spare_files import SpareFiles
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from ivr.speech.takes import Takes
from ivr.store.announcements import Announcements
from ivr.store.audit import Audit
from ivr.store.bookings import Bookings
from ivr.store.callers import Callers
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.duties import Duties
from ivr.store.outstanding import Counts
from ivr.store.talks import Talks
from ivr.store.tellings import Tellings
from ivr.store.versions import Versions
from ivr.store.waits import Waits
from ivr.supervising import Supervising
from ivr.switch.desks import Desks
from ivr.switch.drops import dropped
from ivr.tracing import tracing
from ivr.turn import Turn, somebody_stands_by
from ivr.web.metrics import MetricsView
from ivr.web.site import serving

_log = logging.getLogger(__name__)

# How long callers have to leave when the hotline is taken down.
LAST_WORDS = timedelta(seconds=2)
# At once, at most, beside the callers whom the switch lets in.
AGENTS_CODES = 100


@asynccontextmanager
async def controller(
    settings: Settings, turn: Turn, *, of_drafts: bool = False
) -> AsyncIterator[Server]:
    """Run the controller while the block runs, which is given what leads its calls.

    Raises `IvrError` where it cannot start.

    Where another one has the turn, all is made ready, and entering waits until it is ours. Calls
    are led by what is published, or by the files where nothing is; `of_drafts` by the draft that
    lies in the state directory.
    """
    furniture = at_start(settings)
    known = secrets.load(settings.state, map(str, furniture.agents))
    settings.recordings.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        stack.enter_context(metrics.counting_logs())
        shelf = Shelf()
        stack.callback(shelf.close)
        takes = Takes.load(settings.takes, settings.root)
        clips = stack.enter_context(speakers(settings, takes))
        database = await stack.enter_async_context(await Database.open(settings.records_url))
        callers, audit = Callers(database, settings.remember_callers), Audit(database)
        services = await stack.enter_async_context(Services(Declared({}, {})))
        noticeboard = Noticeboard(Announcements(database), settings.announcements, settings.codecs)
        beside = noticeboard.beside
        press = Press(settings, furniture.desks, clips, shelf, services, beside)
        served: Served
        if of_drafts:
            served = await Drafts.start(settings.state, partial(press.edition, is_draft=True))
        else:
            bound = Bound(settings.canary_worse_by, settings.canary_calls)
            served = await Live.start(
                Versions(database), press.edition, bound, lambda: disk.whole(settings).sources
            )
        await stack.enter_async_context(meanwhile(served.follow(), "what is published"))
        applied = settings.state / "etc"
        await stack.enter_async_context(meanwhile(follow(applied, press.furnish), "its desks"))

        # All that takes time is ready; from here on there is one controller.
        await stack.enter_async_context(turn)
        await made_good(database, callers, audit, datetime.now(UTC))
        pending = Pending(
            settings.state / "pending",
            {
                callbook.RECORD: callbook.taker(Calls(database)),
                diary.BOOKING: diary.taker(Bookings(database)),
            },
        )
        await stack.enter_async_context(pending.writing())
        traced = await stack.enter_async_context(tracing())
        calls = CallBook(Calls(database), metrics.over, pending, traced)
        await stack.enter_async_context(noticeboard.watched())
        http = await stack.enter_async_context(aiohttp.ClientSession())
        ledger, tempo = Ledger(furniture.desks), Tempo()
        watch = await stack.enter_async_context(
            Watch(
                "127.0.0.1",
                settings.ami_port,
                "controller",
                known[secrets.AMI],
                ledger=ledger,
                tempo=tempo,
            )
        )
        spool = CallFiles(settings.state / "spool")
        journals = LeftJournals(watch.ami, spool, partial(_flows, served))
        left = LeftBehind(
            Calls(database),
            Channels(watch),
            calls.is_led,
            journals,
            over=lambda id: work.has_gone(id),
        )
        await left.find()
        await stack.enter_async_context(left.closing())
        steps = ClockSteps(watch.ami.action)
        await stack.enter_async_context(meanwhile(steps.follow(), "steps of the clock"))
        numbers = Numbers(watch.board, ledger, Waits(database))
        await stack.enter_async_context(numbers.counting())
        tellings, bookings = Tellings(database), Bookings(database)
        foretelling = Foretelling(watch, tempo, lambda: work.desks, tellings, bookings)
        paces = Paces(
            watch.board,
            bookings,
            Waits(database),
            lambda: work.desks,
            lambda: pending.count(diary.BOOKING),
        )
        promises = Promises(
            bookings,
            paces.of,
            settings.call_back_countries,
            lambda: {*settings.numbers, *work.desks.numbers},
            pending,
        )
        # What agents dial for themselves, by name: `agent/NAME` in the dialplan.
        messages = Messages(watch.ami)
        roster = Roster(Duties(database), watch.ami, messages.tell, lambda: work.desks)
        await roster.load()
        roster.paused = metrics.paused
        tell, board = messages.tell, watch.board
        codes = Codes(roster, board, lambda: work.desks, served.take, tell, settings.recordings)
        errands: dict[str, Errand] = {**codes.errands}
        work = Controller(
            served,
            calls,
            callers,
            noticeboard,
            settings.recordings,
            promises,
            furniture,
            ledger,
            Switch(spool, KeyReader(watch.ami.action), watch.ami.action),
            foretelling,
            beside=errands,
            tell=messages.tell,
            waits=KeptWaits(settings.state / "waits"),
        )
        waiting_on = work.waiting_on
        assert waiting_on is not None  # there is a switch
        stack.push_async_callback(waiting_on.close)
        await stack.enter_async_context(foretelling.keeping(Waits(database)))

        archive = Archive(
            Talks(database),
            settings.state / "spool" / "monitor",
            settings.talks,
            calls.find,
            lambda: work.desks,
        )
        await stack.enter_async_context(archive.keeping())
        keeper = Keeper(database, settings.recordings, settings.keep_records)
        await stack.enter_async_context(keeper.keeping())
        roster.follow(watch)
        supervising = Supervising(audit, served, lambda: work.desks, spool)
        errands["supervise"] = supervising.errand

        await stack.enter_async_context(
            calling_back(settings, database, watch, served, lambda: work.desks, errands, calls)
        )

        def refurnish(desks: Desks) -> None:
            work.desks = desks
            watch.look()

        following = follow(applied, refurnish)
        await stack.enter_async_context(meanwhile(following, "the desks that are applied"))
        most = settings.most_calls
        server = Server(
            work.serve,
            secret=known[secrets.AGI],
            # A caller whom an agent sends to a flow has two at once, agents' codes are others.
            most_calls=2 * most + AGENTS_CODES,
            answered=metrics.commanded,
            stranger=metrics.stranger,
            has_place=SpareFiles().allow,
        )
        # Before any of them comes back by herself.
        await waiting_on.begin(left.open)
        try:
            await server.start("127.0.0.1", settings.agi_port)
        except OSError as fault:
            raise IvrError(f"port {settings.agi_port} is taken: choose --agi-port") from fault
        stack.push_async_callback(server.drain, LAST_WORDS)
        beside_calls = Speaker(beside(clips), shelf)
        form = settings.codecs[0]
        crier = Crier(noticeboard, watch.waiting, calls.live, beside_calls, spool, form)
        greeter = Greeter(calls.live, beside_calls, spool, form)
        watch.ami.register_event("AgentConnect", lambda _, event: greeter.greet(plain(event)))
        watch.ami.register_event("UserEvent", lambda _, event: metrics.refused(plain(event)))
        await stack.enter_async_context(crier.crying())
        pages, events = answering(
            settings,
            database,
            calls,
            watch,
            served,
            numbers,
            roster,
            supervising,
            promises,
            tellings,
            Health(settings, served, watch, http, services.breakers.unwell).parts,
            lambda: work.desks,
        )
        gauges = Gauges(
            metrics.registry,
            lambda: calls.in_progress,
            most,
            lambda: watch.alive,
            watch.board,
            ledger.sums,
            served.led,
            Counts(database),
            services.breakers.well,
            pending.count,
            partial(somebody_stands_by, settings.state),
            partial(dropped, settings.sip_host, settings.sip_port),
        )
        MetricsView(gauges.tell).add_to(pages)
        await stack.enter_async_context(events.looking())
        at = settings.http_host, settings.http_port
        await stack.enter_async_context(serving(pages, *at, https.serves(settings)))
        led = served.led()
        _log.info("the controller is ready, with version %s (%s)", led.serves, led.origin)
        yield server


async def _flows(served: Served, version: str) -> Project:
    return (await served.again(version, "")).project
