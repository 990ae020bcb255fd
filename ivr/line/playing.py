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
        along = await self._leg.keeping.along(PLAYING)
        guarded = f"{along}{self._leg.keys.is_silent}?{play}:Set(CPLAYBACKSTATUS=UNPLAYED)"
        await self._leg.wire.command(agi.execute("ExecIf", Expression(guarded)))
        played = await self.played(name)
        return await self.play(name) if played is None else played

    async def take(self, wanted: int, seconds: float) -> tuple[str, bool]:
        """Take so many keys, each within so many seconds, until `#`; tell whether silence ended it.

        The switch waits for them all by itself, and sends nothing meanwhile. Raises LineLost.
        """
        leg, read = self._leg, f"Read(IVR_TAKEN,,{wanted},,1,{seconds:g})"
        along = await leg.keeping.along(PLAYING)
        guarded = f"{along}{leg.keys.is_silent}?{read}:Set(READSTATUS=UNREAD)"
        await leg.wire.command(agi.execute("ExecIf", Expression(guarded)))
        status, typed = await leg.variables.read("READSTATUS", leg.keys.variable, secret=True)
        keys = await leg.keys.fresh(typed)
        if not keys and status in ("UNREAD", "OK"):  # keys that are none of ours
            return await self.take(wanted, seconds)
        return keys, status == "TIMEOUT"

    async def played(self, name: str) -> tuple[int | None, str] | None:
        """Return what came of playing a sound, as `play` does; None where it was not played.

        Raises LineLost and Unplayable.
        """
        # Every key of the call is read here, a secret typed minutes ago too: never into the log.
        names = ("CPLAYBACKSTATUS", "CPLAYBACKOFFSET", self._leg.keys.variable)
        status, offset, typed = await self._leg.variables.read(*names, secret=True)
        keys = await self._leg.keys.fresh(typed)
        if status == "ERROR":
            _log.error("the switch could not play %s", name)
            raise Unplayable(f"the switch cannot play {name}")
        if status == "UNPLAYED":
            return (0, keys) if keys else None
        if status == "USERSTOPPED" and keys:
            return int(offset or 0), keys
        return None, keys

    async def play_made(self, make: Callable[[], str], made: str = "") -> tuple[int | None, str]:
        """Play a sound that `make` puts where its name says; once more where it is gone from there.

        It is `made` already where that says so. Raises LineLost and Unplayable.
        """
        try:
            return await self.play(made or make())
        except Unplayable:
            return await self.play(make())
