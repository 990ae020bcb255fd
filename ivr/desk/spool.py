"""The switch's spool: a call file there lets somebody stand in for whom was promised a call back.

The call makes a Local channel (dialplans/calling.conf): one half waits in the line of her desk, in
the place of when she called; the other dials her, once an agent has answered or before. Its name is
the token of an attempt, so what stands in the spool and on the switch tells whose it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from ivr.desk.agenda import Booking
from ivr.desk.call_files import CallFiles
from ivr.desk.lines import line
from ivr.desk.standin import CALLING_FIRST, STANDING_IN, may_be_dialled

First = Literal["agent", "caller"]
# In dialplans/calling.conf.
_CONTEXTS: dict[First, tuple[str, str]] = {
    "agent": (STANDING_IN, "calling-back"),
    "caller": (CALLING_FIRST, "called-first"),
}
_TOKEN = re.compile(r"[0-9a-f]{16,64}")
# Seconds beyond the wait, in which an agent's phone may still ring.
BEYOND = 300


class Spool:
    """The switch's spool directory, as far as stand-ins are concerned."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = CallFiles(folder)

    async def send(self, token: str, booking: Booking, first: First, longest: int) -> None:
        """Let somebody stand in for whom was booked, for so many seconds at most.

        `first` is who is rung first; where it is she, she waits herself.
        Raises ValueError for a token or a number that is none, OSError where no file can be
        written.
        """
        if not _TOKEN.fullmatch(token) or not may_be_dialled(booking.number):
            raise ValueError(f"no call back can be made for booking {booking.id}")
        begins, goes_on = _CONTEXTS[first]
        shown = {
            "IVR_TOKEN": token,
            "IVR_HERS": booking.number,
            "IVR_DESK": line(booking.desk),
            "IVR_LINE": line(booking.desk, booking.skills),
            "IVR_LONGEST": str(longest),
            "__IVR_SINCE": str(int(booking.arrived)),
            "__IVR_LANGUAGE": re.sub(r"[^a-z]", "", booking.language),
            "__IVR_SPEED": str(int(booking.speed)),
            "__IVR_PATH": "callback",
        }
        lines = (
            f"Channel: Local/{token}@{begins}/n",
            f"Context: {goes_on}",
            f"Extension: {token}",
            "Priority: 1",
            "MaxRetries: 0",
            f"WaitTime: {longest + BEYOND}",
            *(f"Setvar: {name}={value}" for name, value in shown.items()),
        )
        await self._files.send(lines, token)

    async def has(self, token: str) -> bool:
        """Return whether the switch has still to make the call, or is making it.

        It takes a file away when the call is over (pbx_spool.c, AST_OUTGOING_WAIT_COMPLETE).
        """
        return await self._files.do((self._folder / "outgoing" / f"{token}.call").exists)

    async def take_away(self, token: str) -> None:
        """Take away what is left of a call that nobody makes. Raises OSError."""
        for folder in (self._folder, self._folder / "outgoing"):
            await self._files.do((folder / f"{token}.call").unlink, missing_ok=True)
