"""What is kept of a call on its channel, so that another controller can lead it on.

Two things: the texts of its journal (`ivr/flow/journal.py`), each in a variable of its own, and
where the line is: which keys were read, and what the switch was asked to do last. Both are written
by the command that does the next thing, which costs no command of its own: `SET()` is worked out
before an application begins. (A second command sent along with the first would not do: res_agi.c
reads through a buffer, and does not look into it again before something else comes.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ivr.line.variables import Commands
from ivr.wire import agi
from ivr.wire.agi import Expression

AT = "IVR_AT"
"""The variable of the place; the dialplan hands it to whoever leads the call on."""

LED = "IVR_LED"
"""Says on the channel that a controller has come; the dialplan takes it away as it dies."""

# Nothing of what SET() is given may mean something to the dialplan.
_PLAIN = re.compile(r"[0-9A-Za-z_*#+/.~:=-]*")
# Letters that go along with a command: one line has 8,191, and a variable 4,095 where it is read.
_ALONG = 3000
# Variables read by one question: 20 of journals as they are make one line.
_AT_ONCE = 20

NOTHING, PLAYING, RECORDING, QUEUEING, DIALLING = "", "p", "r", "q", "d"


@dataclass(frozen=True)
class Place:
    """Where a line is. `part` is the number of the part of the call, `texts` how many there are.

    Keys are in the keypad's `store`, and `seen` of them were read; so many `messages` were
    recorded, so often she came to a queue (`waits`). What the switch was asked to do is `doing`.
    """

    part: int
    texts: int = 0
    store: int = 0
    seen: int = 0
    messages: int = 0
    waits: int = 0
    doing: str = NOTHING

    def __str__(self) -> str:
        numbers = (self.part, self.texts, self.store, self.seen, self.messages, self.waits)
        return ".".join(map(str, (*numbers, self.doing)))


def told(said: Mapping[str, str]) -> tuple[Place | None, str]:
    """Return what the dialplan tells with AGI() behind the secret (dialplans/hotline.conf).

    Where another controller was; and what the channel speaks, "" where its keys are not kept yet.
    """
    return place(said.get("arg_2", "")), said.get("arg_3", "")


def place(text: str) -> Place | None:
    """Return the place that a text on a channel tells; None where it tells none."""
    found = re.fullmatch(r"((?:[0-9]{1,6}\.){6})([prqd]?)", text)
    if not found:
        return None
    part, texts, store, seen, messages, waits = map(int, found[1].rstrip(".").split("."))
    return Place(part, texts, store, seen, messages, waits, found[2])


class Keeping:
    """What is kept of one part of a call; `now` tells where its line is, for what is written."""

    def __init__(self, wire: Commands, now: Callable[[], Place]) -> None:
        self._wire = wire
        self._now = now
        self._texts: dict[int, str] = {}
        self._count = 0
        self._is_told = False

    def put(self, texts: Mapping[int, str]) -> None:
        """Take texts by their numbers, 0 first; they are written with the next command.

        Raises ValueError for a text that would mean something to the dialplan.
        """
        if not all(map(_PLAIN.fullmatch, texts.values())):
            raise ValueError("a text of a journal holds what means something to a dialplan")
        self._texts |= texts
        self._count = max(self._count, *(number + 1 for number in texts), 0)

    async def along(self, doing: str) -> Expression:
        """Return what, in front of an expression, writes all this as the expression is worked out.

        Raises LineLost, as all of these.
        """
        if sum(map(len, self._texts.values())) > _ALONG:
            await self._write_texts()
        led, self._is_told = {} if self._is_told else {LED: "1"}, True
        now = self._now()
        place = str(replace(now, texts=self._count, doing=doing))
        return agi.setting(led | self._new(now.part) | {AT: place})

    async def write(self, doing: str = NOTHING) -> None:
        """Write what there is, before something that takes time and is no such expression."""
        await self._wire.command(agi.get_full_variable(await self.along(doing)), secret=True)

    @property
    def is_written(self) -> bool:
        """Whether there is no text that is not on the channel."""
        return not self._texts

    def take_up(self, texts: int) -> None:
        """Go on behind so many texts, which the channel has."""
        self._count = texts
        self._is_told = True

    async def _write_texts(self) -> None:
        for name, text in self._new(self._now().part).items():
            await self._wire.command(agi.set_variable(name, text), secret=True)

    def _new(self, part: int) -> dict[str, str]:
        texts, self._texts = self._texts, {}
        return {_name(part, number): text for number, text in texts.items()}


def _name(part: int, number: int) -> str:
    return f"IVR_J{part}_{number}"


def names(place: Place) -> list[str]:
    """Return the names of the variables that hold the texts at a place."""
    return [_name(place.part, number) for number in range(place.texts)]


async def kept(wire: Commands, place: Place) -> list[str]:
    """Return the texts that the channel has at that place. Raises LineLost."""
    texts: list[str] = []
    for first in range(0, place.texts, _AT_ONCE):
        asked = "|".join(f"${{{name}}}" for name in names(place)[first : first + _AT_ONCE])
        reply = await wire.command(agi.get_full_variable(Expression(asked)), secret=True)
        texts += reply.note.split("|")
    while texts and not texts[-1]:  # the journal was longer once
        texts.pop()
    return texts
