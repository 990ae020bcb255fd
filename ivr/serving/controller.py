"""One call served: from what the switch says of it, through its flow, to its record."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.agents import sending
from ivr.agi.connection import Connection
from ivr.announcements.noticeboard import Noticeboard
from ivr.callbacks.diary import Promises
from ivr.desk.ledger import Ledger
from ivr.errors import IvrError
from ivr.flow.outlook import Ahead
from ivr.line import keeping
from ivr.line.channel import ChannelLine
from ivr.line.stay import Switch
from ivr.line.waits import Waits
from ivr.line.world import drive
from ivr.records.callbook import CallBook
from ivr.serving.closing import Closing
from ivr.serving.entrance import Entrance
from ivr.serving.worlds import Worlds
from ivr.store.callers import Callers
from ivr.switch.desks import Desks
from ivr.takeover.resuming import Kept, resumed
from ivr.takeover.waiting_on import WaitingOn
from ivr.versions.served import Served
from ivr.wire import agi
from ivr.wire.agi import LineLost, LocalError

_log = logging.getLogger(__name__)

# What agents' phones dial for themselves; the dialplan asks for `agent/NAME`.
ERRANDS = "agent/"

Errand = Callable[[Connection], Awaitable[None]]
"""Serves an agent who has dialled a code, on her own channel."""

Tell = Callable[[str, str], Awaitable[bool]]
"""Shows an agent, by her number, a text; never raises."""


def clock() -> Callable[[], datetime]:
    """Return a clock for one call: right at its start, and never stepping during it."""
    began, ticks = datetime.now(UTC), time.monotonic()
    return lambda: began + timedelta(seconds=time.monotonic() - ticks)


async def _unheard(_agent: str, _text: str) -> bool:
    return False


class Controller:
    """Serves calls: each becomes a session on a channel line, and a record at its end.

    `desks` are those that new calls go by. What agents dial for themselves is no call of a
    flow and has no record: it is served `beside`, by the name after `agent/`. `tell` shows
    a text on an agent's screen.
    """

    def __init__(
        self,
        served: Served,
        calls: CallBook,
        callers: Callers,
        noticeboard: Noticeboard,
        recordings: Path,
        promises: Promises,
        desks: Callable[[], Desks],
        ledger: Ledger,
        switch: Switch | None = None,
        ahead: Ahead = lambda desk, caller: None,
        beside: Mapping[str, Errand] | None = None,
        tell: Tell | None = None,
        waits: Waits | None = None,
    ) -> None:
        self._waits = waits
        self._worlds = Worlds(noticeboard, promises, desks, ledger, switch, ahead, _log)
        self.waiting_on: WaitingOn | None = None
        if switch and waits:
            waiting = self._worlds.waiting
            self.waiting_on = WaitingOn(waits, calls, served, switch, recordings, waiting, clock)
        self._tell = tell or _unheard
        self._beside = {} if beside is None else beside
        self._closing = Closing(calls, callers, noticeboard, served)
        self._entrance = Entrance(callers, lambda: desks().recorded)
        self._served = served
        self._calls = calls
        self._recordings = recordings
        self._desks = desks
        self._switch = switch

    async def serve(self, connection: Connection) -> None:
        """Lead one call through its flow. Leaves without a word to the dialplan when it cannot."""
        said = connection.preamble.variables
        flow = connection.preamble.script
        if flow.startswith(ERRANDS):
            await self._run(flow.removeprefix(ERRANDS), connection)
            return
        id, (place, spoken) = said["uniqueid"], keeping.told(said)
        waited = await self.waiting_on.comes(id, place) if self.waiting_on else None
        taken = await resumed(connection, place, self._served, id, waited) if place else None
        edition = taken.edition if taken else self._served.take(id)
        if flow not in edition.project.flows:
            await _give_up(connection)
            raise IvrError(f"the dialplan asks for flow '{flow}', which there is none of")
        now = clock()
        is_sent = said["context"] == sending.CONTEXT
        if taken:
            journal = taken.journal
        else:
            journal = await self._entrance.opened(connection, edition, flow, place, now())
        session = journal.session
        line = ChannelLine(
            connection,
            edition.speaker,
            self._recordings,
            session.id,
            frozenset(map(str, self._desks().agents)),
            self._switch,
            self._waits,
        )
        log = logging.LoggerAdapter(_log, {"call": id})
        verb = "goes on" if taken else "begins"
        log.info("= a call to %s %s in flow %s", said["extension"], verb, flow)
        with self._calls.open(session):
            # Of one who is led on it is stored that she has come.
            begun = asyncio.create_task(_known() if place else self._calls.begin(session.record))
            walk = Kept(journal, line, lambda: connection.is_let_go)
            try:
                if place:
                    await line.take_up(place, taken.unread if taken else 0)
                    if waited and session.wait:
                        line.has_waited(waited, session.wait)
                else:
                    await line.open(spoken)
                doing = taken.doing if taken and not session.stays else keeping.NOTHING
                world = self._worlds.led(line, id, edition, session, now, connection, doing)
                await drive(walk, world, now)
                if is_sent:
                    await sending.mark(connection, session)
            except LineLost:
                raise
            except Exception:
                await _give_up(connection)
                raise
            finally:
                line.close()
                walk.hang_up(now())
                if connection.is_let_go:
                    log.info("= another controller leads it on")
                else:
                    await self._closing.close(session, begun, connection, now())
                    if self._waits:
                        self._waits.drop(session.id)
                    if is_sent:
                        await self._tell(session.record.passed_by, sending.told(session))
                    log.info("= %s: %s", session.record.outcome, session.record.why)

    async def has_gone(self, id: str) -> None:
        """Forget a call of another controller whose record is closed."""
        if self.waiting_on:
            await self.waiting_on.has_gone(id)

    async def _run(self, name: str, connection: Connection) -> None:
        errand = self._beside.get(name)
        if errand is None:
            raise IvrError(f"the dialplan asks for an agent's '{name}', which there is none of")
        _log.info("= %s for %s", name, connection.preamble.variables["channel"])
        await errand(connection)


async def _give_up(connection: Connection) -> None:
    """Say on the channel that a fault of ours ended this: another controller has it as well."""
    with suppress(LineLost, LocalError):
        await connection.command(agi.set_variable("IVR_DONE", "fault"))


async def _known() -> bool:
    return True
