"""A channel that rings a number through the switch, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Collection

from ivr.flow.effects import Dial, DialOutcome
from ivr.line.keeping import DIALLING
from ivr.line.leg import Leg
from ivr.line.passed import MARKS, passed_on
from ivr.line.queueing import HEADERS
from ivr.wire import agi
from ivr.wire.agi import Expression

DIAL_OUTCOMES: dict[str, DialOutcome] = {
    "ANSWER": "answered",
    "BUSY": "busy",
    "NOANSWER": "unanswered",
}


class Dialling:
    """Rings for one caller; `agents` are the numbers of agents' phones."""

    def __init__(self, leg: Leg, agents: Collection[str]) -> None:
        self._leg = leg
        self._agents = agents

    async def dial(self, dial: Dial) -> DialOutcome:
        """Ring a number through the dialplan's own list of numbers that may be rung.

        Raises `PassedOn` when an agent has passed her on, and LineLost.
        """
        if not re.fullmatch(r"[0-9*#]{1,20}", dial.number):
            return "failed"
        await self._leg.keys.drop()
        longest = max(1, round(dial.longest))
        target = f"Local/{dial.number}@agents/n,{longest},g"
        if dial.number in self._agents:
            # Her phone itself: she may pass the caller on.
            target = f"PJSIP/{dial.number},{longest},grt{HEADERS}"
        await self._leg.variables.set("BLINDTRANSFER", "")
        forget = self._leg.keys.forget()
        along = await self._leg.keeping.along(DIALLING) + forget
        await self._leg.wire.command(agi.execute("Dial", Expression(along + target)), dead=True)
        return await self.dialled()

    async def dialled(self) -> DialOutcome:
        """Return what came of ringing, when it is over. Raises as `dial`."""
        status, *marks = await self._leg.variables.read("DIALSTATUS", *MARKS, dead=True)
        if passing := passed_on(marks):
            raise passing
        await self._leg.keys.keep()
        return DIAL_OUTCOMES.get(status, "failed")
