"""A call whose caller hung up while no controller led it: its record, by what was kept of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.flow.answers import Unreadable
from ivr.flow.effects import Enqueue, HangUp, Queued
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.flow.resume import resume

# As dialplans/left.conf writes it, before the texts.
_FORM = "1"
_FIELDS = 6


@dataclass(frozen=True)
class Left:
    """What the switch has kept of a call: when she hung up, how her wait had come, the texts.

    `agent` is who answered her in it, "" for nobody, `talked` for how many seconds.
    """

    at: datetime
    status: str
    agent: str
    talked: float
    texts: Sequence[str]

    @classmethod
    def read(cls, kept: str) -> Left:
        """Return what the dialplan has written. Raises Unreadable."""
        parts = kept.split("|")
        if len(parts) <= _FIELDS or parts[0] != _FORM or not parts[1].isdecimal():
            raise Unreadable("nothing that is kept of a call")
        _, at, _, status, agent, talked = parts[:_FIELDS]
        # A value of the dialplan has 4,095 letters, and the last text may be cut off with it.
        texts = [text for text in parts[_FIELDS:] if text]
        spoken = int(talked) / 1000 if re.fullmatch("[0-9]{1,9}", talked) else 0.0
        moment = datetime.fromtimestamp(int(at), UTC)
        return cls(moment, status, agent, spoken, texts)

    def record(self, project: Project) -> CallRecord:
        """Return the record of the call. Raises Unreadable, and KeyError as `resume` does."""
        journal = resume(self.texts, project).journal
        session, at = journal.session, max(self.at, journal.last)
        if isinstance(session.asked, Enqueue) and self.agent:
            session.answer(Queued("answered", self.agent, left=True, talked=self.talked), at)
        elif isinstance(session.asked, HangUp):
            session.answer(None, at)
        session.hang_up(at)
        return session.record
