"""The variables of a channel: read and set over AGI."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from ivr.wire import agi
from ivr.wire.agi import Command, Expression, Reply

# Bytes for each of CPLAYBACKOFFSET's milliseconds, by the form that was played. control_streamfile
# (app.c) divides samples by 8 and "assumes 8 kHz", but g722_tell (format_pcm.c) counts them at
# 16 kHz. Measured: stopped 1664 ms after the play began, A-law and µ-law say 1660; G.722 says 3280
# after 1644 ms.
OFFSET_BYTES = {"alaw": 8, "ulaw": 8, "g722": 4}
# Of a channel whose codec we have no sounds in; the switch then transcodes.
ANY_FORM = "alaw"


class Commands(Protocol):
    """Takes commands of AGI, one at a time.

    `command` raises LineLost when the caller has gone; with `dead` it goes on after a hang-up,
    as long as the switch answers.
    """

    async def command(
        self, command: Command, *, secret: bool = False, dead: bool = False
    ) -> Reply: ...


class Wire(Commands, Protocol):
    """One AGI connection; `lost` is set when the caller has gone, and `clock` tells seconds."""

    @property
    def lost(self) -> asyncio.Event: ...

    @property
    def clock(self) -> Callable[[], float]: ...


class Variables:
    """Those of one channel. `form` is what it spoke when something was read last."""

    def __init__(self, wire: Commands) -> None:
        self._wire = wire
        self.form = ANY_FORM

    async def set(self, name: str, value: str) -> None:
        """Set one to a text. Raises LineLost, as all of these."""
        await self._wire.command(agi.set_variable(Expression(name), value))

    async def sum(self, name: str, sum: str) -> None:
        """Set one to what the switch works out."""
        await self._wire.command(agi.execute("Set", Expression(f"{name}=$[{sum}]")))

    async def read(
        self, *names: str, along: str = "", secret: bool = False, dead: bool = False
    ) -> list[str]:
        """Read several, whose values hold no `|`, and what the channel speaks.

        What goes `along` is worked out before, and becomes nothing.
        """
        asked = "|".join(f"${{{name}}}" for name in (*names, "CHANNEL(audionativeformat)"))
        command = agi.get_full_variable(Expression(along + asked))
        reply = await self._wire.command(command, secret=secret, dead=dead)
        values = reply.note.split("|", len(names)) + [""] * len(names)
        self.hear(values[len(names)])
        return values[: len(names)]

    def hear(self, spoken: str) -> None:
        """Take note of what the channel speaks, as the switch tells it."""
        self.form = _form(spoken)


@lru_cache(64)
def _form(spoken: str) -> str:
    # As ast_format_cap_get_names writes it: "(alaw)", or "(ulaw|alaw)".
    forms = re.findall(r"\w+", spoken)
    return next((x for x in forms if x in OFFSET_BYTES), ANY_FORM)
