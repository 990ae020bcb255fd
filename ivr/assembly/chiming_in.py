"""What is said beside a flow: to those who wait in a queue, and to a caller with her agent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.announcements.crier import Crier
from ivr.announcements.greeter import Greeter
from ivr.assembly.made_ready import Ready
from ivr.config import Settings
from ivr.desk.ami import plain
from ivr.desk.call_files import CallFiles
from ivr.desk.watch import Watch
from ivr.records.callbook import CallBook


@asynccontextmanager
async def chiming_in(
    settings: Settings, ready: Ready, watch: Watch, calls: CallBook, spool: CallFiles
) -> AsyncIterator[None]:
    """Say it while the block runs; `spool` is the switch's."""
    speaker, form = ready.speaker, settings.codecs[0]
    greeter = Greeter(calls.live, speaker, spool, form)
    watch.ami.register_event("AgentConnect", lambda _, event: greeter.greet(plain(event)))
    crier = Crier(ready.noticeboard, watch.waiting, calls.live, speaker, spool, form)
    async with crier.crying():
        yield
