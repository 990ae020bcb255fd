"""How a call comes in: who calls, where she comes from, and how she wants to be spoken to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.agents import sending
from ivr.agi.connection import Connection
from ivr.errors import IvrError
from ivr.flow.caller import Caller
from ivr.flow.journal import Journal
from ivr.flow.opening import Opening
from ivr.flow.story import FROM_OUTSIDE, part, part_after
from ivr.flow.talk import Choice
from ivr.line import keeping, passed
from ivr.line.caller_number import caller_number
from ivr.line.channel import ChannelLine
from ivr.line.keeping import NOTHING, Place
from ivr.line.led import clock
from ivr.serving.closing import give_up
from ivr.store.callers import Callers
from ivr.store.database import StoreError
from ivr.takeover.resuming import Resumed, resumed
from ivr.takeover.waiting_on import WaitingOn
from ivr.versions.edition import Edition
from ivr.versions.served import Served

_log = logging.getLogger(__name__)

# Seconds a caller may hear it ring while the database is asked what she chose before.
RECALL = 0.5


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that has come: its journal, the edition that leads it, and its clock.

    Of a new one it is known what its channel has `spoken` so far, if anything. Where another
    controller has led it there is its `place`, and what was `taken` up there, unless nobody could
    read it: then the call begins anew, on a line that goes on.
    """

    journal: Journal
    edition: Edition
    now: Callable[[], datetime]
    spoken: str
    place: Place | None
    taken: Resumed | None

    @property
    def doing(self) -> str:
        """What a controller before us had asked of the switch, and answers what is asked."""
        return self.taken.doing if self.taken and not self.journal.session.stays else NOTHING

    async def make_ready(self, line: ChannelLine) -> None:
        """Open its line, or have it go on where it was. Raises LineLost."""
        if self.place is None:
            await line.open(self.spoken)
            return
        await line.take_up(self.place, self.taken.unread if self.taken else 0)
        wait = self.journal.session.wait
        if self.taken and self.taken.waited and wait:
            line.has_waited(self.taken.waited, wait)


class Entrance:
    """Where calls come in: new ones, led by what is `served`, and those of other controllers.

    Of these some are `waiting_on` in a queue. `recorded` tells what `Desks.recorded` does.
    """

    def __init__(
        self,
        callers: Callers,
        recorded: Callable[[], Mapping[str, bool]],
        served: Served,
        waiting_on: WaitingOn,
    ) -> None:
        self._callers = callers
        self._recorded = recorded
        self._served = served
        self._waiting_on = waiting_on

    async def comes(self, connection: Connection) -> Arrival:
        """Take in a call. Raises LineLost, and IvrError where there is no such flow."""
        said, flow = connection.preamble.variables, connection.preamble.script
        id, (place, spoken) = said["uniqueid"], keeping.told(said)
        waited = await self._waiting_on.comes(id, place)
        taken = await resumed(connection, place, self._served, id, waited) if place else None
        edition = taken.edition if taken else self._served.take(id)
        if flow not in edition.project.flows:
            await give_up(connection)
            raise IvrError(f"the dialplan asks for flow '{flow}', which there is none of")
        now = clock()
        if taken:
            journal = taken.journal
        else:
            journal = await self._opened(connection, edition, place, now())
        return Arrival(journal, edition, now, spoken, place, taken)

    async def _opened(
        self, connection: Connection, edition: Edition, place: Place | None, now: datetime
    ) -> Journal:
        """Return the journal of a call that begins; it has the part of its place if it has one."""
        said, flow = connection.preamble.variables, connection.preamble.script
        id, came = said["uniqueid"], FROM_OUTSIDE
        if place is None and said["context"] in (sending.CONTEXT, passed.CONTEXT):
            came = await passed.story(connection, id)
        name = part_after(came.after) if came.after else part(id, place.part if place else 1)
        if came.after:
            await passed.mark(connection, name)
        caller = Caller(name, caller_number(said["callerid"]), said["extension"], came)
        remembered = await self._recall(caller.number, now)
        recorded = self._recorded()
        opening = Opening(flow, edition.version, caller, now, remembered, recorded)
        return Journal.begin(opening, edition.project)

    async def _recall(self, number: str, now: datetime) -> Choice:
        try:
            async with asyncio.timeout(RECALL):
                return await self._callers.recall(number, now)
        except (StoreError, TimeoutError) as fault:
            _log.warning("what a caller chose before is not known: %s", str(fault) or "too slow")
            return Choice()
