"""One test's place on the switch."""

from __future__ import annotations

import asyncio

from ivr.flow.record import CallRecord
from ivr.testcalls.presser import Presser
from ivr.trial.calls import Trial


class Place:
    """One test's place on the switch: a number that is dialled, a queue, an agent."""

    def __init__(self, index: int, trial: Trial) -> None:
        self.trial = trial
        self.script = f"trial{index}"  # without a -, behind which a record has its part's number
        self.dialled = str(90_000 + index)
        self.number = str(10_000 + index)
        self.presser: asyncio.Future[Presser] = asyncio.get_running_loop().create_future()
        self.record: asyncio.Future[CallRecord] = asyncio.get_running_loop().create_future()

    def queue(self, name: str) -> str:
        """Return what the switch calls a queue of the flows, in this test."""
        return f"{name}-{self.number}"
