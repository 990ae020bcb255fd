"""The picture of queues and agents at one moment, as the board gives it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AgentState(StrEnum):
    """What an agent does, as a person would say it."""

    LOGGED_OUT = "logged out"
    FREE = "free"
    RINGING = "ringing"
    TALKING = "talking"
    PAUSED = "paused"
    WRAP_UP = "wrap-up"


@dataclass(frozen=True)
class Caller:
    """Someone who waits: her channel's unique id, her number and name (empty when unknown).

    `position` 1 is next; `since` is when she began to wait. `is_booked` is one who is not on the
    phone: somebody stands in for her, or she is being called back.
    """

    id: str
    number: str
    name: str
    position: int
    since: datetime
    is_booked: bool = False


@dataclass(frozen=True)
class Queue:
    """A queue: who waits, first one first, its agents' numbers, calls done and given up."""

    name: str
    callers: tuple[Caller, ...]
    agents: tuple[str, ...]
    completed: int
    abandoned: int


@dataclass(frozen=True)
class Agent:
    """An agent: number and interface as `1001` and `PJSIP/1001`, name, queues, state.

    `reason` is why she is offered no callers; empty while she is offered some.
    """

    number: str
    interface: str
    name: str
    queues: tuple[str, ...]
    state: AgentState
    reason: str = ""


@dataclass(frozen=True)
class Snapshot:
    """The board at one moment. `stale_since` is None while it is live, else its last truth."""

    stale_since: datetime | None
    queues: tuple[Queue, ...]
    agents: tuple[Agent, ...]


@dataclass(frozen=True)
class Post:
    """An agent in one queue: her interface and penalty, and whether she goes on after a call.

    `rest` are the seconds that are left of her wrap-up, `wrap_up` how long it is after each call.
    """

    queue: str
    interface: str
    penalty: int
    state: AgentState
    goes_on: bool
    rest: float
    wrap_up: float
