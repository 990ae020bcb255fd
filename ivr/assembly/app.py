"""The controller put together, for as long as it runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from ivr.agents.refurnish import InForce, at_start, follow
from ivr.agi.server import Server
from ivr.agi.spare_files import SpareFiles
from ivr.assembly.answering import answering
from ivr.assembly.attending import attended
from ivr.assembly.calling_back import calling_back
from ivr.assembly.chiming_in import chiming_in
from ivr.assembly.made_ready import made_ready
from ivr.assembly.watching import watching
from ivr.callbacks import diary
from ivr.callbacks.diary import Promises
from ivr.callbacks.paces import Paces
from ivr.config import Settings
from ivr.desk.ami import plain
from ivr.desk.keys import KeyReader
from ivr.errors import IvrError
from ivr.flow.project import Project
from ivr.forgetting.keeping import Keeper
from ivr.line.stay import Switch
from ivr.line.waits import Waits as KeptWaits
from ivr.meanwhile import meanwhile
from ivr.records import callbook
from ivr.records.archive import Archive
from ivr.records.callbook import CallBook
from ivr.records.pending import Pending
from ivr.running import secrets
from ivr.running.turn import Turn
from ivr.serving.controller import Controller
from ivr.store.audit import Audit
from ivr.store.bookings import Bookings
from ivr.store.callers import Callers
from ivr.store.calls import Calls
from ivr.store.talks import Talks
from ivr.store.tellings import Tellings
from ivr.store.waits import Waits
from ivr.switch.desks import Desks
from ivr.takeover.left_behind import Channels, LeftBehind
from ivr.takeover.left_journals import LeftJournals
from ivr.takeover.made_good import made_good
from ivr.telemetry.tracing import tracing
from ivr.versions.served import Served
from ivr.waits.foretelling import Foretelling

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

    Where another one has the turn, all is made ready, and entering waits until it is ours.
    `of_drafts` is that of `made_ready`.
    """
    desks = InForce(at_start(settings))
    known = secrets.load(settings.state, map(str, desks().agents))
    settings.recordings.mkdir(parents=True, exist_ok=True, mode=0o700)
    spool = settings.state / "spool"
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        ready = await enter(made_ready(settings, desks(), of_drafts=of_drafts))
        database, metrics, served = ready.database, ready.metrics, ready.served

        # All that takes time is ready; from here on there is one controller.
        await enter(turn)
        callers, audit = Callers(database, settings.remember_callers), Audit(database)
        await made_good(database, callers, audit, datetime.now(UTC))

        # The records of calls.
        records, bookings, waits = Calls(database), Bookings(database), Waits(database)
        takers = {callbook.RECORD: callbook.taker(records), diary.BOOKING: diary.taker(bookings)}
        pending = Pending(settings.state / "pending", takers)
        await enter(pending.writing())
        calls = CallBook(records, metrics.over, pending, await enter(tracing()))
        await enter(ready.noticeboard.watched())

        # The switch, and what is known from it.
        seen = await enter(watching(settings.ami_port, known[secrets.AMI], desks().desks, waits))
        watch, tellings = seen.watch, Tellings(database)
        foretelling = Foretelling(watch, seen.tempo, desks, tellings, bookings)
        paces = Paces(watch.board, bookings, waits, desks, lambda: pending.count(diary.BOOKING))
        promises = Promises(
            bookings,
            paces.of,
            settings.call_back_countries,
            lambda: {*settings.numbers, *desks().numbers},
            pending,
        )
        switch = Switch(spool, KeyReader(watch.ami.action), watch.ami.action)
        agents = await attended(settings, ready, watch, desks, switch.spool)

        # Calls.
        work = Controller(
            served,
            calls,
            callers,
            ready.noticeboard,
            settings.recordings,
            promises,
            desks,
            seen.ledger,
            switch,
            foretelling,
            beside=agents.errands,
            tell=agents.tell,
            waits=KeptWaits(settings.state / "waits"),
        )
        waiting_on = work.waiting_on
        assert waiting_on is not None  # there is a switch
        stack.push_async_callback(waiting_on.close)
        journals = LeftJournals(watch.ami, switch.spool, partial(_flows, served))
        left = LeftBehind(records, Channels(watch), calls.is_led, journals, over=work.has_gone)
        await left.find()
        await enter(left.closing())

        # What goes on beside them.
        await enter(foretelling.keeping(waits))
        talks, raw = Talks(database), spool / "monitor"
        await enter(Archive(talks, raw, settings.talks, calls.find, desks).keeping())
        await enter(Keeper(database, settings.recordings, settings.keep_records).keeping())
        await enter(calling_back(settings, database, watch, served, desks, agents.errands, calls))

        def refurnish(now: Desks) -> None:
            desks.take(now)
            watch.look()

        following = follow(settings.state / "etc", refurnish)
        await enter(meanwhile(following, "the desks that are applied"))

        # Callers are let in.
        server = Server(
            work.serve,
            secret=known[secrets.AGI],
            # A caller whom an agent sends to a flow has two at once, agents' codes are others.
            most_calls=2 * settings.most_calls + AGENTS_CODES,
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
        await enter(chiming_in(settings, ready, watch, calls, switch.spool))
        watch.ami.register_event("UserEvent", lambda _, event: metrics.refused(plain(event)))
        await enter(
            answering(settings, ready, seen, agents, calls, promises, tellings, pending, desks)
        )
        led = served.led()
        _log.info("the controller is ready, with version %s (%s)", led.serves, led.origin)
        yield server


async def _flows(served: Served, version: str) -> Project:
    return (await served.again(version, "")).project
