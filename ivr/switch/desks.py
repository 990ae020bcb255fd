"""The desks: what callers are queued for and who answers, as `desks.yaml` names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ivr.errors import FlowError, Problem, Where, nearest
from ivr.flow.fields import Days, FlowName, HoursName, QueueName, Seconds, Word
from ivr.flow.source import Tree, Wrong, fit, place, read
from ivr.switch.agents import Agent, AgentNumber

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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Relax(_Part):
    """How the skills asked for relax with time, in seconds.

    After each `every` a level less will do; after `anyone` whoever is at the desk.
    """

    every: Annotated[Seconds, Field(ge=1, le=3600)] | None = None
    anyone: Annotated[Seconds, Field(ge=1, le=3600)] | None = None


class Promised(_Part):
    """How a desk calls back: within so many seconds of its hours, by so many attempts.

    `pause` are the seconds from one attempt to the next; `first` is who is rung first.
    """

    within: Annotated[Seconds, Field(ge=300, le=604_800)]
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    pause: Annotated[Seconds, Field(ge=60, le=86_400)] = 600.0
    first: Literal["agent", "caller"] = "agent"


class Recording(_Part):
    """For how long recordings of a desk's calls are kept, and whether callers are told of it."""

    keep: Days
    announce: bool = True


class Desk(_Part):
    """What callers are queued for, and who answers.

    `ring_for` and `wrap_up` are seconds; `capacity` is how many callers may wait, 0 for any number.
    `weight` decides whose caller an agent of several desks is offered. `hours` names opening
    hours, `flow` where a caller arrives who is passed to `number`.
    """

    members: tuple[AgentNumber, ...]
    strategy: Literal[
        "ring_all", "longest_idle", "fewest_calls", "round_robin", "in_order", "random"
    ] = "longest_idle"
    ring_for: Annotated[Seconds, Field(ge=1, le=300)] = 20.0
    wrap_up: Annotated[Seconds, Field(ge=0, le=3600)] = 0.0
    no_answer: Literal["pause", "next"] = "pause"
    capacity: Annotated[int, Field(ge=0, le=10_000)] = 0
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    relax: Relax | None = None
    hours: HoursName | None = None
    promise: Promised | None = None
    recording: Recording | None = None
    number: DeskNumber | None = None
    flow: FlowName | None = None


class _DesksFile(_Part):
    desks: dict[DeskName, Desk]


class _AgentsFile(_Part):
    agents: dict[AgentNumber, Agent]


class Desks(_Part):
    """Everything desks.yaml and agents.yaml say."""

    desks: dict[DeskName, Desk]
    agents: dict[AgentNumber, Agent]


File = tuple[str, str]
"""What messages call a file, and its text."""


def load(desks: Path, agents: Path) -> Desks:
    """Read both files. Raises FlowError with every mistake in them, each with its place."""
    found, problems = parse(_text(desks), _text(agents))
    if found is None:
        raise FlowError(problems)
    return found


def _text(path: Path) -> File:
    try:
        return str(path), path.read_text(encoding="utf-8")
    except OSError as error:
        raise FlowError([Problem(Where(str(path)), f"{error.strerror}", "unreadable")]) from error
    except UnicodeDecodeError as error:
        raise FlowError([Problem(Where(str(path)), "not UTF-8 text", "unreadable")]) from error


def parse(desks: File, agents: File) -> tuple[Desks | None, list[Problem]]:
    """Return what both files describe, None if anything is wrong, and every problem."""
    tree, problems = _read(desks, "no desks")
    others, wrong = _read(agents, "no agents")
    problems += wrong
    if tree is None or others is None:
        return None, problems
    asked, misfits = fit(tree, _DesksFile, "desks.yaml")
    known, wrong = fit(others, _AgentsFile, "agents.yaml")
    problems += misfits + wrong
    if asked is None or known is None:
        return None, problems
    found = Desks(desks=asked.desks, agents=known.agents)
    problems += _members(tree, found)
    return (None if problems else found), problems


def _read(file: File, nothing: str) -> tuple[Tree | None, list[Problem]]:
    tree, problems = read(*file)
    if tree is None and not problems:
        problems = [Problem(Where(file[0]), nothing, "empty")]
    return tree, problems


def _members(tree: Tree, found: Desks) -> Iterator[Problem]:
    for name, desk in found.desks.items():
        for index, member in enumerate(desk.members):
            where = place(tree, ("desks", name, "members", index))
            if member not in found.agents:
                message = f"there is no agent {member}{nearest(member, found.agents)}"
                yield Problem(where, message, "no-such-agent")
            elif member in desk.members[:index]:
                yield Problem(where, f"{member} is already a member of {name}", "twice")
