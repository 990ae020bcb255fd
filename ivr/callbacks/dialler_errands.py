"""What the dialplan asks while a promised call back is made (dialplans/calling.conf)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from ivr.callbacks.dialler import Dialler
from ivr.desk.agenda import Booking, Outcome
from ivr.desk.witness import outcome
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

# What she hears who is rung first; a machine presses nothing.
GREETING, WANTED, GREETINGS = "called_back_greeting", "1", 2
SORRY = "called_back_sorry"


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
class DiallerErrands:
    """Answers the dialplan for a dialler.

    `sound` returns the sound of a prompt in a language, without ending, and `silence` one in
    which a key is waited for; None where there is none.
    """

    dialler: Dialler
    sound: Callable[[str, str], str | None]
    silence: Callable[[], str | None] = lambda: None

    def errands(self) -> Mapping[str, Errand]:
        """Return what the dialplan asks for, by its name there."""
        return {
            "call-back": self.call_back,
            "called-back": self.called_back,
            "stood-in": self.stood_in,
            "called-first": self.called_first,
            "greet": self.greet,
            "sorry": self.sorry,
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
        booking = await self._over(line)
        came = outcome(_asked(line, "mark"))
        if booking and came in TOLD and not line.lost.is_set():
            with suppress(LineLost):
                await self._say(line, TOLD[came], booking.language)

    async def called_first(self, line: Line) -> None:
        """The same where she was rung first: nobody is there to be told."""
        await self._over(line)

    async def greet(self, line: Line) -> None:
        """Somebody has answered who was rung first: she, if she presses 1."""
        booking = await self._whose(line)
        if booking is None:
            return
        for sound in (self.sound(GREETING, booking.language), self.silence()) * GREETINGS:
            if sound is None:
                continue
            reply = await line.command(agi.stream_file(sound, keys=WANTED))
            if reply.result == str(ord(WANTED)):
                await line.command(agi.set_variable("IVR_WANTED", "1"))
                return

    async def sorry(self, line: Line) -> None:
        """She wanted an agent, and there was none after all."""
        if booking := await self._whose(line):
            await self._say(line, SORRY, booking.language)

    async def stood_in(self, line: Line) -> None:
        """No agent has answered whoever stands in."""
        try:
            await self.dialler.unanswered(_asked(line, "token"))
        except StoreError as fault:
            _log.error("that nobody has answered is told later: %s", fault)

    async def _whose(self, line: Line) -> Booking | None:
        try:
            return await self.dialler.whose(_asked(line, "token"))
        except StoreError as fault:
            _log.error("who is called back is not known: %s", fault)
            return None

    async def _over(self, line: Line) -> Booking | None:
        try:
            booking = await self.dialler.over(_asked(line, "token"), _asked(line, "mark"))
        except StoreError as fault:
            _log.error("what came of a call back is told later: %s", fault)
            return None
        with suppress(LineLost):
            await line.command(agi.set_variable("IVR_TOLD", "1"), dead=True)
        return booking

    async def _say(self, line: Line, prompt: str, language: str) -> None:
        sound = self.sound(prompt, language)
        if sound is not None:
            await line.command(agi.execute("Playback", sound))


def _asked(line: Line, name: str) -> str:
    return line.preamble.query.get(name, "")
