"""The end of a call: what is kept of it is written down, the switch goes on, agents are told."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime

from ivr.agents import sending
from ivr.agi.connection import Connection
from ivr.announcements.noticeboard import Noticeboard
from ivr.desk.messages import Tell
from ivr.flow.record import CallRecord
from ivr.flow.session import Session
from ivr.flow.talk import Choice
from ivr.line.led import LedCall
from ivr.line.waits import Waits
from ivr.records.callbook import CallBook
from ivr.store.callers import Callers
from ivr.store.database import StoreError
from ivr.versions.served import Served
from ivr.wire import agi
from ivr.wire.agi import LineLost, LocalError

_log = logging.getLogger(__name__)

# Seconds for which a call that is over waits for what is kept of it, before the switch goes on.
BOOK_KEEPING = 0.5
# Says on the channel that the call is written down; else the switch keeps what is kept of it.
KEPT = "IVR_KEPT"


class Closing:
    """Closes calls: their records, what their callers chose, and what they say of a version.

    In `waits` is what was kept while a caller stayed in a queue. An agent who has sent her caller
    to a flow is told what came of it.
    """

    def __init__(
        self,
        calls: CallBook,
        callers: Callers,
        noticeboard: Noticeboard,
        served: Served,
        waits: Waits,
        tell: Tell,
    ) -> None:
        self._calls = calls
        self._callers = callers
        self._noticeboard = noticeboard
        self._served = served
        self._waits = waits
        self._tell = tell

    async def close(self, call: LedCall, begun: asyncio.Task[bool], connection: Connection) -> None:
        """Keep what is kept of a call that is over, and let the switch go on.

        It hangs up, or takes a caller whom a fault of ours has left to a person. Neither waits for
        a database.
        """
        session = call.session
        writing = asyncio.create_task(self._write(session, begun, call.now()))
        await asyncio.wait([writing], timeout=BOOK_KEEPING)
        if writing.done():
            with suppress(LineLost, LocalError, TimeoutError):
                async with asyncio.timeout(BOOK_KEEPING):
                    await connection.command(agi.set_variable(KEPT, "1"), dead=True)
        await connection.close()
        await asyncio.shield(writing)
        self._waits.drop(session.id)
        if sending.is_sent(connection.preamble):
            await self._tell(session.record.passed_by, sending.told(session))

    async def _write(self, session: Session, begun: asyncio.Task[bool], now: datetime) -> None:
        record = session.record
        self._noticeboard.count(record)
        await asyncio.gather(  # at once: they are written together
            self._keep(record, begun), self._remember(record.caller, session.chosen, now)
        )
        try:
            await self._served.over(record)
        except StoreError as fault:
            _log.warning("call %s says nothing of its version: %s", record.id, fault)

    async def _keep(self, record: CallRecord, begun: asyncio.Task[bool]) -> None:
        if await begun:
            await self._calls.keep(record)
        else:
            _log.error("a second call %s: its record is not kept, the first one's is", record.id)

    async def _remember(self, number: str, chosen: Choice, now: datetime) -> None:
        try:
            await self._callers.remember(number, chosen, now)
        except StoreError as fault:
            _log.warning("what a caller chose is not remembered: %s", fault)


async def give_up(connection: Connection) -> None:
    """Say on the channel that a fault of ours ended this: another controller has it as well."""
    with suppress(LineLost, LocalError):
        await connection.command(agi.set_variable("IVR_DONE", "fault"))
