"""The controller put together, for as long as it runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

from ivr.agi.server import Server
from ivr.agi.spare_files import SpareFiles
from ivr.assembly.answering import answering
from ivr.assembly.attending import attended
from ivr.assembly.bookkeeping import bookkeeping, promises
from ivr.assembly.calling_back import calling_back
from ivr.assembly.chiming_in import chiming_in
from ivr.assembly.made_ready import made_ready
from ivr.assembly.watching import watching
from ivr.config import Settings
from ivr.desk.ami import plain
from ivr.desk.keys import KeyReader
from ivr.desk.link import Login
from ivr.errors import IvrError
from ivr.flow.project import Project
from ivr.forgetting.keeping import Keeper
from ivr.line.led import Lines
from ivr.line.stay import Switch
from ivr.line.waits import Waits
from ivr.records.archive import Archive
from ivr.running import secrets
from ivr.running.turn import Turn
from ivr.serving.closing import Closing
from ivr.serving.controller import Controller
from ivr.serving.entrance import Entrance
from ivr.serving.worlds import Worlds
from ivr.store.talks import Talks
from ivr.switch.in_force import InForce, at_start
from ivr.takeover.left_behind import Channels, LeftBehind
from ivr.takeover.left_journals import LeftJournals
from ivr.takeover.waiting_on import WaitingOn
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
    files = settings.at(settings.desks), settings.at(settings.agents)
    desks = InForce(at_start(*files, settings.state / "etc"))
    known = secrets.load(settings.state, desks().agents)
    settings.recordings.mkdir(parents=True, exist_ok=True, mode=0o700)
    spool = settings.state / "spool"
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        ready = await enter(made_ready(settings, desks, of_drafts=of_drafts))
        metrics, served = ready.metrics, ready.served

        # All that takes time is ready; from here on there is one controller.
        await enter(turn)
        books = await enter(bookkeeping(settings, ready))
        calls, waits = books.calls, books.waits
        await enter(ready.noticeboard.watched())

        # The switch, and what is known from it.
        login = Login("127.0.0.1", settings.ami_port, "controller", known[secrets.AMI])
        seen = await enter(watching(login, desks().desks, waits))
        watch = seen.watch
        foretelling = Foretelling(watch, seen.tempo, desks, books.tellings, books.bookings)
        promised = promises(settings, ready, books, watch)
        switch = Switch(spool, KeyReader(watch.ami.action), watch.ami.action)
        agents = await attended(settings, ready, books, watch, switch.spool)

        # Calls.
        kept = Waits(settings.state / "waits")
        lines = Lines(settings.recordings, lambda: desks().agents, switch, kept)
        worlds = Worlds(ready.noticeboard, promised, desks, seen.ledger, switch, foretelling)
        waiting_on = WaitingOn(calls, served, lines, worlds.waiting)
        stack.push_async_callback(waiting_on.close)
        entrance = Entrance(books.callers, lambda: desks().recorded, served, waiting_on)
        closing = Closing(calls, books.callers, ready.noticeboard, served, kept, agents.tell)
        work = Controller(entrance, lines, calls, worlds, closing, agents.errands)
        journals = LeftJournals(watch.ami, switch.spool, partial(_flows, served))
        there, over = Channels(watch), waiting_on.has_gone
        left = LeftBehind(books.records, there, calls.is_led, journals, over=over)
        await left.find()
        await enter(left.closing())

        # What goes on beside them.
        await enter(foretelling.keeping(waits))
        talks, raw = Talks(ready.database), spool / "monitor"
        await enter(Archive(talks, raw, settings.talks, calls.find, desks).keeping())
        await enter(Keeper(ready.database, settings.recordings, settings.keep_records).keeping())
        await enter(calling_back(settings, ready, books, watch, agents.errands))
        desks.tell(lambda _: watch.look())

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
        await enter(answering(settings, ready, seen, agents, books, promised))
        led = served.led()
        _log.info("the controller is ready, with version %s (%s)", led.serves, led.origin)
        yield server


async def _flows(served: Served, version: str) -> Project:
    return (await served.again(version, "")).project
