"""The controller as a process: how many calls its files allow, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import signal
import sys

import uvloop

from ivr.assembly.app import LAST_WORDS, controller
from ivr.config import Settings
from ivr.running.turn import Turn, somebody_stands_by

_log = logging.getLogger(__name__)

# A call is a connection; what it reads and writes meanwhile is another. The rest is for back ends,
# pages and the database.
FILES_PER_CALL = 2
FILES_BESIDE = 256


def lead(settings: Settings, *, of_drafts: bool = False) -> None:
    """Lead calls until told to end; `of_drafts` as `ivr up --watch` wants it.

    Raises `IvrError` where the controller cannot start.
    """
    # Each call is a socket, and 1,024 is what a process usually gets unless it asks.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    allowed = settings.calls_at_once
    if allowed < settings.most_calls:
        ports = settings.rtp_ports
        _log.warning("rtp_ports are %s: only %d callers are let in at once", ports, allowed)
    led = affordable(allowed, most)
    if led < allowed:
        _log.warning("%d files may be open: only %d calls are led at once", most, led)
    settings = settings.model_copy(update={"most_calls": led})
    uvloop.run(_until_told(settings, of_drafts=of_drafts))


def affordable(calls: int, files: int) -> int:
    """Return how many calls, of so many, can be led at once where so many files may be open.

    One more is refused in order; without a file left nothing could be opened for those there are.
    """
    if files == resource.RLIM_INFINITY:
        return calls
    return max(1, min(calls, (files - FILES_BESIDE) // FILES_PER_CALL))


async def _until_told(settings: Settings, *, of_drafts: bool) -> None:
    """Run the controller until SIGTERM or SIGINT; whoever stands by then leads its calls on."""
    told, turn = asyncio.Event(), Turn(settings.state)
    loop, work = asyncio.get_running_loop(), asyncio.current_task()

    def end() -> None:
        told.set()
        if work and not turn.is_ours:  # nobody is led: it ends wherever it stands
            work.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    # While a version is made ready in a thread, the loop waits for its turn: 5 ms unless told, and
    # 70 ms when all objects of the start are searched for rubbish (1,000 nodes, 2 processors).
    sys.setswitchinterval(0.001)
    try:
        async with controller(settings, turn, of_drafts=of_drafts) as server:
            gc.freeze()
            # A call leaves no rubbish behind (tests/test_rubbish.py): to look for it after 700 new
            # objects, as is Python's habit, was 7 % of what a call took.
            gc.set_threshold(20_000, 20, 20)
            await told.wait()
            if somebody_stands_by(settings.state):
                await server.let_go(LAST_WORDS)
    except asyncio.CancelledError:
        if not told.is_set():
            raise
