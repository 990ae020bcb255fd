"""A call that is led: what belongs to it for as long as it lasts, and what its line is made of."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.flow.session import Session
from ivr.flow.story import channel_of
from ivr.line.channel import ChannelLine
from ivr.line.ports import BackEnds
from ivr.line.stay import Switch
from ivr.line.variables import Wire
from ivr.line.waits import Waits
from ivr.speech.speaker import Speaker


def clock() -> Callable[[], datetime]:
    """Return a clock for one call: right at its start, and never stepping during it."""
    began, ticks = datetime.now(UTC), time.monotonic()
    return lambda: began + timedelta(seconds=time.monotonic() - ticks)


@dataclass(frozen=True, slots=True)
class LedCall:
    """One call, led: its session, the line to her, the back ends of its version, time and log."""

    session: Session
    line: ChannelLine
    back_ends: BackEnds
    now: Callable[[], datetime]
    log: logging.LoggerAdapter[logging.Logger]

    @property
    def channel(self) -> str:
        """The unique id of her channel."""
        return channel_of(self.session.id)


@dataclass(frozen=True)
class Lines:
    """Makes the lines of a hotline's calls, all of them on channels of one switch.

    What callers leave goes into `recordings`, how it stands with those who stay in a queue into
    `waits`. `agents` tells the numbers of agents' phones.
    """

    recordings: Path
    agents: Callable[[], Collection[str]]
    switch: Switch
    waits: Waits

    def line(self, wire: Wire, speaker: Speaker, record: str) -> ChannelLine:
        """Return a line to a caller whose call has a record of this name."""
        here = self.agents(), self.switch, self.waits
        return ChannelLine(wire, speaker, self.recordings, record, *here)
