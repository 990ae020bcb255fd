"""One call served: from what the switch says of it, through its flow, to its record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from ivr.agents import sending
from ivr.agi.connection import Connection
from ivr.errors import IvrError
from ivr.line.led import LedCall, Lines
from ivr.line.world import drive
from ivr.records.callbook import CallBook
from ivr.serving.closing import Closing, give_up
from ivr.serving.entrance import Entrance
from ivr.serving.worlds import Worlds
from ivr.takeover.resuming import Kept
from ivr.wire.agi import LineLost

_log = logging.getLogger(__name__)

# What agents' phones dial for themselves; the dialplan asks for `agent/NAME`.
ERRANDS = "agent/"

Errand = Callable[[Connection], Awaitable[None]]
"""Serves an agent who has dialled a code, on her own channel."""


class Controller:
    """Serves calls: each becomes a session on a channel line, and a record at its end.

    What agents dial for themselves is no call of a flow and has no record: it is one of the
    `errands`, by the name after `agent/`.
    """

    def __init__(
        self,
        entrance: Entrance,
        lines: Lines,
        calls: CallBook,
        worlds: Worlds,
        closing: Closing,
        errands: Mapping[str, Errand],
    ) -> None:
        self._entrance = entrance
        self._lines = lines
        self._calls = calls
        self._worlds = worlds
        self._closing = closing
        self._errands = errands

    async def serve(self, connection: Connection) -> None:
        """Lead one call through its flow. Leaves without a word to the dialplan when it cannot."""
        flow = connection.preamble.script
        if flow.startswith(ERRANDS):
            await self._run(flow.removeprefix(ERRANDS), connection)
            return
        came = await self._entrance.comes(connection)
        session, now, edition = came.journal.session, came.now, came.edition
        line = self._lines.line(connection, edition.speaker, session.id)
        log = logging.LoggerAdapter(_log, {"call": connection.name})
        call = LedCall(session, line, edition.services, now, log)
        verb = "goes on" if came.taken else "begins"
        called = connection.preamble.variables["extension"]
        log.info("= a call to %s %s in flow %s", called, verb, flow)
        with self._calls.open(session):
            # Of one who is led on it is stored that she has come.
            begun = asyncio.create_task(
                _known() if came.place else self._calls.begin(session.record)
            )
            walk = Kept(came.journal, line, lambda: connection.is_let_go)
            try:
                await came.make_ready(line)
                await drive(walk, self._worlds.led(call, connection, came.doing), now)
                if sending.is_sent(connection.preamble):
                    await sending.mark(connection, session)
            except LineLost:
                raise
            except Exception:
                await give_up(connection)
                raise
            finally:
                line.close()
                walk.hang_up(now())
                if connection.is_let_go:
                    log.info("= another controller leads it on")
                else:
                    await self._closing.close(call, begun, connection)
                    log.info("= %s: %s", session.record.outcome, session.record.why)

    async def _run(self, name: str, connection: Connection) -> None:
        errand = self._errands.get(name)
        if errand is None:
            raise IvrError(f"the dialplan asks for an agent's '{name}', which there is none of")
        _log.info("= %s for %s", name, connection.preamble.variables["channel"])
        await errand(connection)


async def _known() -> bool:
    return True
