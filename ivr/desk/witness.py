"""What the switch knows of an attempt to call somebody back, whoever has forgotten it meanwhile.

The dialplan marks in the switch's own database how far it has come (dialplans/calling.conf), before
it dials. AMI reads it with the right `reporting`; only the dialplan writes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.desk.actions import ActsAndLists
from ivr.desk.agenda import Outcome
from ivr.desk.faults import AmiRefused

# Where the switch writes how far a call has come (DB of its dialplan).
FAMILY = "called"
# The switch tells its start by its own clock in whole seconds.
_CLOCK = timedelta(seconds=2)
# Q.850 causes of numbers that are none: unallocated, changed, incomplete.
_WRONG = frozenset({1, 22, 28})
_BY_CAUSE = {17: Outcome.BUSY, 18: Outcome.NO_ANSWER, 19: Outcome.NO_ANSWER, 21: Outcome.DECLINED}
# What Dial says (DIALSTATUS); the agent who hangs up while it rings there has let it ring.
_BY_STATUS = {
    "ANSWER": Outcome.TALKED,
    # Rung first, she or a machine answered, and came to no agent.
    "GREETED": Outcome.DECLINED,
    "BUSY": Outcome.BUSY,
    "NOANSWER": Outcome.NO_ANSWER,
    "CANCEL": Outcome.NO_ANSWER,
    # It went down in the middle.
    "RINGING": Outcome.UNKNOWN,
}


@dataclass(frozen=True)
class Seen:
    """Whether an attempt still goes on, what it was marked with, and since when the switch runs."""

    is_going_on: bool
    mark: str
    since: datetime


@dataclass(frozen=True)
class Witness:
    """Asks the switch. Raises AmiError where it does not answer."""

    ami: ActsAndLists

    async def see(self, token: str) -> Seen:
        """Tell of the attempt with this token.

        The channel first: it marks before it dials, so where there is none the mark is the last.
        """
        channels = await self.ami.action({"Action": "Getvar", "Variable": f"CHANNELS({token})"})
        mark = await self._mark(token)
        status = await self.ami.action({"Action": "CoreStatus"})
        since = f"{status.get('CoreStartupDate', '')} {status.get('CoreStartupTime', '')}"
        began = datetime.strptime(since, "%Y-%m-%d %H:%M:%S").astimezone()
        return Seen(token in channels.get("Value", ""), mark, began)

    async def _mark(self, token: str) -> str:
        asked = {"Action": "DBGet", "Family": FAMILY, "Key": token}
        try:
            found = await self.ami.actions(asked)
        except AmiRefused:  # there is none
            return ""
        return next((item.get("Val", "") for item in found), "")


def outcome(mark: str) -> Outcome:
    """Return what a mark of the dialplan tells: DIALSTATUS and HANGUPCAUSE, as `BUSY-17`."""
    status, _, cause = mark.partition("-")
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    number = int(cause) if re.fullmatch(r"[0-9]{1,3}", cause) else 0
    return Outcome.WRONG if number in _WRONG else _BY_CAUSE.get(number, Outcome.FAULT)


def came_of(rung: datetime | None, seen: Seen) -> Outcome:
    """Return what came of an attempt that is over, of which nobody has told.

    `rung` is when its number was told to the dialplan.
    """
    if seen.mark:
        return outcome(seen.mark)
    if rung is None:
        return Outcome.NOBODY
    # Nothing is dialled without a mark. But the switch keeps its marks once a second (db.c,
    # db_sync_thread), so one that went down may have lost it.
    return Outcome.UNKNOWN if seen.since >= rung - _CLOCK else Outcome.NOBODY
