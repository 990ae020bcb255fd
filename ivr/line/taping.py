"""The recorder of a caller's talks with agents, on her own channel."""

from __future__ import annotations

from ivr.flow.effects import Enqueue
from ivr.line.variables import Commands
from ivr.past.tapes import reel
from ivr.wire import agi

# Names its file while the recorder runs (dialplans/recording.conf).
TALK = "IVR_TALK"
# Goes with her when she is passed on: she was told.
TOLD = "__IVR_TOLD_RECORDED"
# What the switch runs on her channel when somebody else is at its other end.
ANEW = "CONNECTED_LINE_SEND_SUB", "talk-anew,s,1"
# b: only while she is joined with somebody. D: each side by itself, hers first.
OPTIONS = "bD"


class Taping:
    """Records the talks of one part of a call; `record` is the name of its record."""

    def __init__(self, wire: Commands, record: str) -> None:
        self._wire = wire
        self._record = record
        self.waits = 0
        self._runs = False

    def take_up(self, waits: int, recorded: bool) -> None:
        """Go on behind so many waits, the last of which is being recorded or is not."""
        self.waits, self._runs = waits, recorded

    async def begin(self, wait: Enqueue) -> None:
        """Record from now on what is talked, where that is to be. Raises LineLost."""
        self.waits += 1
        self._runs = wait.recorded
        if wait.knows_recorded:
            await self._wire.command(agi.set_variable(TOLD, "1"))
        if wait.recorded:
            name = reel(self._record, self.waits, wait.queue)
            await self._wire.command(agi.set_variable(TALK, name))
            await self._wire.command(agi.set_variable(*ANEW))
            await self._wire.command(agi.execute("MixMonitor", name, OPTIONS))

    async def end(self) -> None:
        """Record no more. Of one who is passed on the dialplan ends it. Raises LineLost."""
        if self._runs:
            self._runs = False
            await self._wire.command(agi.execute("StopMixMonitor"))
            await self._wire.command(agi.set_variable(TALK, ""))
