"""Sounds on a channel, which a key stops."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ivr.errors import IvrError
from ivr.line.keeping import PLAYING
from ivr.line.keypad import KEYS
from ivr.line.leg import Leg
from ivr.wire import agi
from ivr.wire.agi import Expression

_log = logging.getLogger(__name__)


class Unplayable(IvrError):
    """The switch cannot play a sound: it is gone, or is none."""


class Player:
    """Plays sounds to a caller whose keys are kept."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    async def play(self, name: str) -> tuple[int | None, str]:
        """Play a sound unless a key is there; return where it stopped, and the keys.

        That is an offset as Asterisk counts it (`OFFSET_BYTES`), None at its end. A key that
        came before it began leaves it at 0. Raises LineLost and Unplayable.
        """
        play = f"ControlPlayback({name},0,,,{KEYS})"
        while True:
            along = await self._leg.keeping.along(PLAYING)
            guarded = f"{along}{self._leg.keys.is_silent}?{play}:Set(CPLAYBACKSTATUS=UNPLAYED)"
            await self._leg.keys.giving(agi.execute("ExecIf", Expression(guarded)))
            played = await self.played(name)
            if played is not None:
                return played

    async def take(self, wanted: int, seconds: float) -> tuple[str, bool]:
        """Take so many keys, each within so many seconds, until `#`; tell whether silence ended it.

        The switch waits for them all by itself, and sends nothing meanwhile. Raises LineLost.
        """
        leg, read = self._leg, f"Read(IVR_TAKEN,,{wanted},,1,{seconds:g})"
        along = await leg.keeping.along(PLAYING)
        guarded = f"{along}{leg.keys.is_silent}?{read}:Set(READSTATUS=UNREAD)"
        await leg.keys.giving(agi.execute("ExecIf", Expression(guarded)))
        names = ("READSTATUS", "IVR_TAKEN", leg.keys.variable)
        status, given, typed = await leg.variables.read(*names, secret=True)
        if status == "OK" and len(given) < wanted:
            given += "#"  # which ended it
        keys = await leg.keys.fresh(typed, None if status == "UNREAD" else given)
        if not keys and status in ("UNREAD", "OK"):  # keys that are none of ours
            return await self.take(wanted, seconds)
        return keys, status == "TIMEOUT"

    async def played(self, name: str, *, by_us: bool = True) -> tuple[int | None, str] | None:
        """Return what came of playing a sound, as `play` does; None where it is to be played.

        It was not, or a key has stopped it that was there before. Where it was not played `by_us`,
        it may be an earlier one of which the switch tells. Raises LineLost and Unplayable.
        """
        # Every key of the call is read here, a secret typed minutes ago too: never into the log.
        names = ("CPLAYBACKSTATUS", "CPLAYBACKOFFSET", "CPLAYBACKSTOPKEY", self._leg.keys.variable)
        status, offset, stopped, typed = await self._leg.variables.read(*names, secret=True)
        given = stopped if status == "USERSTOPPED" else ""
        is_told = by_us and status != "UNPLAYED"
        keys = await self._leg.keys.fresh(typed, given if is_told else None)
        if status == "ERROR":
            _log.error("the switch could not play %s", name)
            raise Unplayable(f"the switch cannot play {name}")
        if status == "UNPLAYED":
            return (0, keys) if keys else None
        if status == "USERSTOPPED" and keys:
            return int(offset or 0), keys
        return None if is_told and given and not keys else (None, keys)

    async def play_made(self, make: Callable[[], str], made: str = "") -> tuple[int | None, str]:
        """Play a sound that `make` puts where its name says; once more where it is gone from there.

        It is `made` already where that says so. Raises LineLost and Unplayable.
        """
        try:
            return await self.play(made or make())
        except Unplayable:
            return await self.play(make())
