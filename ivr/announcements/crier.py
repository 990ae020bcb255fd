"""The crier: those who wait in a queue hear what is announced, too, each of them once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from ivr.desk.call_files import CallFiles
from ivr.desk.whisper import whisper
from ivr.errors import IvrError
from ivr.flow.announcement import Announcement
from ivr.flow.session import Session
from ivr.meanwhile import again_and_again, meanwhile
from ivr.speech.quiet import RATE
from ivr.speech.speaker import Speaker

_log = logging.getLogger(__name__)

# Seconds between two looks: with those of the noticeboard it is within a second that she hears it.
LOOK = 0.25
# Of a thousand who wait, so many begin to hear it at one look, and so many hear it at the same
# time: each costs the controller a file and the switch two channels.
MOST_AT_A_LOOK, MOST_AT_ONCE = 10, 50


class Announced(Protocol):
    """What is announced: a `Noticeboard`."""

    @property
    def has_any(self) -> bool: ...
    def at(self, place: str) -> tuple[Announcement, ...]: ...


@dataclass
class Crier:
    """Tells those who wait; `waiting` returns their ids, `live` the session of a call by its id.

    `spool` is the switch's, `form` one in which every sound is built.
    """

    announced: Announced
    waiting: Callable[[], Sequence[str]]
    live: Callable[[str], Session | None]
    speaker: Speaker
    spool: CallFiles
    form: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    # Until when each of those who are being told hears it.
    _hearing: dict[str, datetime] = field(default_factory=dict)

    async def cry(self) -> None:
        """Begin to tell whoever waits and has not heard what is announced. Raises OSError."""
        if not self.announced.has_any:
            return
        now = self.clock()
        self._hearing = {id: end for id, end in self._hearing.items() if end > now}
        most = min(len(self._hearing) + MOST_AT_A_LOOK, MOST_AT_ONCE)
        for id in self.waiting():
            if len(self._hearing) >= most:
                return
            session = None if id in self._hearing else self.live(id)
            if session and (play := session.overhear(self.announced.at, now)):
                timing, name = self.speaker.sound(play.utterance, play.speed, 0, self.form)
                self._hearing[id] = now + timedelta(seconds=timing.length / RATE)
                await whisper(self.spool, id, name)

    @asynccontextmanager
    async def crying(self) -> AsyncIterator[None]:
        """Tell them again and again while the block runs; what goes wrong is told in the log."""
        said = "who waits in a queue is not told what is announced: %s"
        known = (IvrError, OSError, ValueError)
        work = again_and_again(self.cry, partial(asyncio.sleep, LOOK), _log.error, said, *known)
        async with meanwhile(work, "the crier"):
            yield
