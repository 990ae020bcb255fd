"""A call whose caller hung up while no controller led it: its record, by what was kept of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.flow.effects import Enqueue, HangUp, Queued
from ivr.flow.packing import Unreadable
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.flow.resume import resume

# As dialplans/left.conf writes it, before the texts.
_FORM = "2"
_FIELDS = 6


@dataclass(frozen=True)
class Left:
    """What the switch has kept of a call: when she hung up, and the texts.

    `desk` is where the dialplan brought her as its last resort, "" where it did not. `agent` is who
    answered her, there or where her flow had her wait, "" for nobody, `talked` for how long.
    """

    at: datetime
    desk: str
    agent: str
    talked: float
    texts: Sequence[str]

    @classmethod
    def read(cls, kept: str) -> Left:
        """Return what the dialplan has written. Raises Unreadable."""
        parts = kept.split("|")
        if len(parts) <= _FIELDS or parts[0] != _FORM or not parts[1].isdecimal():
            raise Unreadable("nothing that is kept of a call")
        _, at, _, desk, agent, talked = parts[:_FIELDS]
        # A value of the dialplan has 4,095 letters, and the last text may be cut off with it.
        texts = [text for text in parts[_FIELDS:] if text]
        spoken = int(talked) / 1000 if re.fullmatch("[0-9]{1,9}", talked) else 0.0
        moment = datetime.fromtimestamp(int(at), UTC)
        return cls(moment, desk, agent, spoken, texts)

    def record(self, project: Project) -> CallRecord:
        """Return the record of the call. Raises Unreadable, and KeyError as `resume` does."""
        journal = resume(self.texts, project).journal
        session, at = journal.session, max(self.at, journal.last)
        if self.desk:
            answered = f"{self.agent or 'nobody'} answered her at '{self.desk}'"
            where = f" in '{session.node}'" if session.node else ""
            session.give_up(at, f"no controller could lead her on{where}: {answered}")
        elif isinstance(session.asked, Enqueue) and self.agent:
            session.answer(Queued("answered", self.agent, left=True, talked=self.talked), at)
        elif isinstance(session.asked, HangUp):
            session.answer(None, at)
        session.hang_up(at)
        return session.record
