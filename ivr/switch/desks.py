"""The desks: what callers are queued for and who answers, as `desks.yaml` names them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from ivr.flow.fields import Days, FlowName, HoursName, QueueName, Seconds, Word
from ivr.flow.source import Wrong
from ivr.switch.agents import Agent, AgentNumber, Part

STRATEGIES = {
    "ring_all": "ringall",
    "longest_idle": "leastrecent",
    "fewest_calls": "fewestcalls",
    "round_robin": "rrmemory",
    "in_order": "linear",
    "random": "random",
}
# Sections of queues.conf that are no queues.
_RESERVED = ("general", "queue", "default")


class DeskName(QueueName):
    """The name of a desk that the switch can hold."""

    what = "desk name"

    @classmethod
    def check(cls, text: str) -> None:
        super().check(text)
        if text in _RESERVED:
            raise Wrong(f"'{text}' means something else to the switch; choose another name")


class DeskNumber(Word):
    """What agents dial to pass a caller to a desk: two to eight digits."""

    @classmethod
    def check(cls, text: str) -> None:
        if not re.fullmatch(r"[0-9]{2,8}", text):
            raise Wrong(f"a desk's number has two to eight digits; this is '{text}'", "bad-name")


class Relax(Part):
    """How the skills asked for relax with time, in seconds.

    After each `every` a level less will do; after `anyone` whoever is at the desk.
    """

    every: Annotated[Seconds, Field(ge=1, le=3600)] | None = None
    anyone: Annotated[Seconds, Field(ge=1, le=3600)] | None = None


class Promised(Part):
    """How a desk calls back: within so many seconds of its hours.

    It tries so many times, `pause` seconds apart; `first` is who is rung first.
    """

    within: Annotated[Seconds, Field(ge=300, le=604_800)]
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    pause: Annotated[Seconds, Field(ge=1, le=86_400)] = 600.0
    first: Literal["agent", "caller"] = "agent"


class Recording(Part):
    """How long recorded talks are kept, and whether callers are told that they are recorded."""

    keep: Days
    announce: bool = True


class Desk(Part):
    """What callers are queued for, and who answers.

    `ring_for` and `wrap_up` are seconds; `capacity` is how many callers may wait in all its lines,
    0 for any number. `weight` decides whose caller an agent of several desks is offered. `hours`
    names opening hours, `flow` where a caller arrives who is passed to `number`. `no_answer` is
    what becomes of an agent who lets her phone ring. Without `recording` nothing is recorded.
    """

    members: tuple[AgentNumber, ...]
    strategy: Literal[
        "ring_all", "longest_idle", "fewest_calls", "round_robin", "in_order", "random"
    ] = "longest_idle"
    ring_for: Annotated[Seconds, Field(ge=1, le=300)] = 20.0
    wrap_up: Annotated[Seconds, Field(ge=0, le=3600)] = 0.0
    capacity: Annotated[int, Field(ge=0, le=10_000)] = 0
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    relax: Relax | None = None
    hours: HoursName | None = None
    promise: Promised | None = None
    recording: Recording | None = None
    no_answer: Literal["pause", "keep"] = "pause"
    number: DeskNumber | None = None
    flow: FlowName | None = None


class Desks(Part):
    """Everything desks.yaml and agents.yaml say."""

    desks: dict[DeskName, Desk]
    agents: dict[AgentNumber, Agent]

    def desk(self, name: str) -> Desk | None:
        """Return a desk by its name."""
        return self.desks.get(name)  # type: ignore[call-overload, no-any-return]

    def agent(self, number: str) -> Agent | None:
        """Return an agent by her number."""
        return self.agents.get(number)  # type: ignore[call-overload, no-any-return]

    @property
    def recorded(self) -> dict[str, bool]:
        """The desks whose talks are recorded, with whether callers must be told."""
        return {
            str(name): desk.recording.announce
            for name, desk in self.desks.items()
            if desk.recording
        }

    @property
    def kept(self) -> dict[str, timedelta]:
        """How long the talks of each desk that records are kept."""
        return {
            str(name): desk.recording.keep for name, desk in self.desks.items() if desk.recording
        }

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers of all agents and desks."""
        desks = (desk.number for desk in self.desks.values())
        return frozenset(map(str, filter(None, (*self.agents, *desks))))

    @property
    def supervisors(self) -> frozenset[str]:
        """The numbers of those who may supervise others."""
        return frozenset(str(number) for number, agent in self.agents.items() if agent.supervisor)

    def skills(self, desk: str) -> frozenset[str]:
        """Return every skill that some agent of a desk has."""
        members = self.desks[desk].members  # type: ignore[index]
        known = (self.agents[number].skills for number in members if number in self.agents)
        return frozenset(str(skill) for skills in known for skill in skills)
