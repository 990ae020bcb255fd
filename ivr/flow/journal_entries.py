"""The entries of a journal: what was asked, when it was answered, and what the answer was.

As text: four letters that tell the effect from others, the microseconds since the entry before,
a colon, and the answer (`ivr/flow/answers.py`) or one of these signs with what belongs to it.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.flow import answers, packing
from ivr.flow.effects import Announced, Effect, Listen, Play
from ivr.flow.packing import Unreadable
from ivr.flow.session import Session
from ivr.flow.talk import Choice

# So many answers that nothing came of; announcements she was told, or the agent who serves her,
# beside her flow; she is asked for a secret again; her flow begins again as she chose to be spoken
# to; nothing more is kept.
IDLE, TOLD, SERVED, BACK, OVER, FULL = "~", "+", "-", "*", "#", "."

# A day of music, a second at a time.
MOST_IDLE = 100_000

_ENTRY = re.compile(r"([0-9a-z]{4})(-?[0-9a-z]{1,12}):([0-9A-Za-z_*#+/.~=-]+)")
_MICROSECOND = timedelta(microseconds=1)


class Diverged(Exception):
    """The call is not where this entry was written."""


@dataclass(frozen=True)
class JournalEntry:
    """One of them; `mark` tells the effect, `after` is the time since the entry before."""

    mark: str
    after: timedelta
    what: str

    @classmethod
    def read(cls, text: str) -> JournalEntry:
        """Return what was written as text. Raises Unreadable."""
        found = _ENTRY.fullmatch(text)
        if not found:
            raise Unreadable("this is no entry")
        return cls(found[1], int(found[2], 36) * _MICROSECOND, found[3])

    def __str__(self) -> str:
        return f"{self.mark}{packing.number(self.after // _MICROSECOND)}:{self.what}"

    @property
    def keys(self) -> int:
        """How many keys of hers are in it."""
        if not self.what.lstrip("i").startswith(("h", "k")):
            return 0
        answer = answers.read(self.what.lstrip("i"))
        return len(answer if isinstance(answer, str) else answer.keys)

    @property
    def is_harmless(self) -> bool:
        """Whether what was asked may be asked again: nothing came of it but an answer."""
        return self.what.lstrip("i")[:1] in "~hkfmxwOoan"

    def enact(self, session: Session, before: datetime) -> None:
        """Let a call go on by it. Raises Diverged and Unreadable, and what `Session.answer` does.

        The entry before it was written at `before`.
        """
        if self.mark != mark(session):
            raise Diverged(f"it was written elsewhere, not at '{session.node}'")
        now, rest = before + self.after, self.what[1:]
        match self.what[0]:
            case "~":
                for _ in range(_count(rest)):
                    session.answer(_nothing(session.asked), now)
            case "+":
                told = answers.announcements(rest)
                session.overhear(lambda place: told, now)
            case "-":
                session.served_by(str(packing.unpacked(rest)), now)
            case "*":
                flow, node = packing.unpacked(rest)
                session.lead(flow, node, now)
            case "#":
                session.start_over(Choice(*packing.unpacked(rest)), now)
            case _:
                session.answer(answers.read(self.what), now)


def mark(session: Session) -> str:
    """Return what tells the effect that is asked from others: its kind, its node, what it says."""
    asked = session.asked
    told: tuple[object, ...] = (type(asked).__name__, session.node)
    if isinstance(asked, Play):
        told += (asked.prompt, len(asked.utterance), asked.speed, asked.begin)
    elif isinstance(asked, Effect):
        told += (asked.errand,)
    return packing.number(zlib.crc32(repr(told).encode()) % 36**4).rjust(4, "0")


def is_idle(asked: Effect[object] | None, answer: object) -> bool:
    """Whether nothing comes of an answer but that time has passed."""
    if isinstance(asked, Listen):
        return asked.rests and answer == ""
    return isinstance(asked, Announced) and answer == ()


def _count(text: str) -> int:
    count = int(text, 36) if re.fullmatch("[0-9a-z]+", text) else 0
    if not 0 < count <= MOST_IDLE:
        raise Unreadable("this is no number of idle answers")
    return count


def _nothing(asked: Effect[object] | None) -> object:
    if isinstance(asked, Announced):
        return ()
    if isinstance(asked, Listen) and asked.rests:
        return ""
    raise Diverged("she does not wait here")
