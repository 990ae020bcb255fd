"""Who answers in a simulated call: agents in their queues, and numbers that are dialled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from ivr.flow.effects import DialOutcome, QueueOutcome
from ivr.trial.timed import timed

AGENT = "1001"


@dataclass(frozen=True)
class Agents:
    """What becomes of those who wait in a queue: `agent` answers after so many seconds."""

    outcome: QueueOutcome = "answered"
    agent: str = AGENT
    after: float = 0.0


@dataclass(frozen=True)
class Dialled:
    """What becomes of a call to a number, after so many seconds of ringing."""

    outcome: DialOutcome = "answered"
    after: float = 0.0


AGENTS: dict[str, QueueOutcome] = {
    "answers": "answered",
    "nobody": "closed",
    "full": "full",
    "unanswered": "unanswered",
}
DIALS: dict[str, DialOutcome] = {
    "answers": "answered",
    "busy": "busy",
    "unanswered": "unanswered",
    "fails": "failed",
}


def _agents(value: Any) -> Any:
    if isinstance(value, Agents):
        return value
    found = re.match(r"([0-9]+) (?=answers)", str(value))
    word, after = timed(value[found.end() :] if found else value, AGENTS)
    return Agents(AGENTS[word], found[1] if found else AGENT, after)


def _dialled(value: Any) -> Any:
    if isinstance(value, Dialled):
        return value
    word, after = timed(value, DIALS)
    return Dialled(DIALS[word], after)


WrittenAgents = Annotated[Agents, BeforeValidator(_agents)]
"""`answers`, `1002 answers after 20s`, `nobody`, `full`, `unanswered`."""

WrittenDialled = Annotated[Dialled, BeforeValidator(_dialled)]
"""`answers after 5s`, `busy`, `unanswered`, `fails`."""
