"""What the dialplan asks while a promised call back is made (dialplans/calling.conf)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from ivr.desk.agenda import Booking, Outcome
from ivr.desk.witness import outcome
from ivr.dialler import Dialler
from ivr.store.database import StoreError
from ivr.wire import agi
from ivr.wire.agi import Command, LineLost, Preamble, Reply

_log = logging.getLogger(__name__)

# What the agent is told who hears it ring and not her; prompts/switch.yaml.
TOLD = {
    Outcome.BUSY: "called_back_busy",
    Outcome.NO_ANSWER: "called_back_no_answer",
    Outcome.DECLINED: "called_back_no_answer",
    Outcome.WRONG: "called_back_wrong_number",
    Outcome.FAULT: "called_back_no_line",
}


class Line(Protocol):
    """A `Connection`."""

    preamble: Preamble

    @property
    def lost(self) -> asyncio.Event: ...
    async def command(
        self, command: Command, *, secret: bool = False, dead: bool = False
    ) -> Reply: ...


Errand = Callable[[Line], Awaitable[None]]


@dataclass(frozen=True)
class StandingIn:
    """Answers the dialplan for a dialler.

    `sound` returns the sound of a prompt in a language, without ending; None where there is none.
    """

    dialler: Dialler
    sound: Callable[[str, str], str | None]

    def errands(self) -> Mapping[str, Errand]:
        """Return what the dialplan asks for, by its name there."""
        return {
            "call-back": self.call_back,
            "called-back": self.called_back,
            "stood-in": self.stood_in,
        }

    async def call_back(self, line: Line) -> None:
        """An agent has answered: tell which number is dialled, where one may be."""
        try:
            number = await self.dialler.ring(_asked(line, "token"))
        except StoreError as fault:
            _log.error("nobody is dialled: %s", fault)
            return
        if number:
            await line.command(agi.set_variable("IVR_TO", number))

    async def called_back(self, line: Line) -> None:
        """The call back is over, or has not come about; the agent is told why."""
        mark = _asked(line, "mark")
        try:
            booking = await self.dialler.over(_asked(line, "token"), mark)
        except StoreError as fault:
            _log.error("what came of a call back is told later: %s", fault)
            return
        with suppress(LineLost):
            await line.command(agi.set_variable("IVR_TOLD", "1"), dead=True)
            if booking and not line.lost.is_set():
                await self._tell(line, booking, outcome(mark))

    async def stood_in(self, line: Line) -> None:
        """No agent has answered whoever stands in."""
        try:
            await self.dialler.unanswered(_asked(line, "token"))
        except StoreError as fault:
            _log.error("that nobody has answered is told later: %s", fault)

    async def _tell(self, line: Line, booking: Booking, came: Outcome) -> None:
        sound = self.sound(TOLD[came], booking.language) if came in TOLD else None
        if sound is not None:
            await line.command(agi.execute("Playback", sound))


def _asked(line: Line, name: str) -> str:
    return line.preamble.query.get(name, "")
