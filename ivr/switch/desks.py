"""The desks: agents and the queues they answer, as `desks.yaml` names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.errors import FlowError, Problem, Where, nearest
from ivr.flow.fields import HoursName, LanguageCode, QueueName, Seconds, Word
from ivr.flow.source import Tree, Wrong, fit, place, read
from ivr.switch.template import breaks_conf

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


class AgentNumber(Word):
    """An agent's number, which is also her SIP account: two to eight digits."""

    @classmethod
    def check(cls, text: str) -> None:
        if not re.fullmatch(r"[0-9]{2,8}", text):
            raise Wrong(f"an agent's number has two to eight digits; this is '{text}'", "bad-name")


class PersonName(Word):
    """A person's name, as phones and logs show it."""

    @classmethod
    def check(cls, text: str) -> None:
        # Comma and angle brackets end a name in the switch's files, quotes and backslashes bend it.
        if not 1 <= len(text) <= 60 or breaks_conf(text) or re.search(r'[,<>"\\|&$]', text):
            raise Wrong(
                f"'{text[:60]}' cannot be shown as a name: 1 to 60 characters without"
                ' , ; < > " \\ | & $',
                "bad-name",
            )


class DeskName(QueueName):
    """The name of a queue that the switch can hold."""

    @classmethod
    def check(cls, text: str) -> None:
        super().check(text)
        if text in _RESERVED:
            raise Wrong(f"'{text}' means something else to the switch; choose another name")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Agent(_Part):
    """A person at a phone, and the languages she speaks, best first."""

    name: PersonName
    languages: tuple[LanguageCode, ...] = ()


class Desk(_Part):
    """A queue of callers and who answers them.

    `ring_for` and `wrap_up` are seconds; `longest` is how many callers may wait, 0 for any number.
    `promise` is the seconds of its `hours` within which it calls back; without it, it never does.
    """

    members: tuple[AgentNumber, ...]
    strategy: Literal[
        "ring_all", "longest_idle", "fewest_calls", "round_robin", "in_order", "random"
    ] = "longest_idle"
    ring_for: Annotated[Seconds, Field(ge=1, le=300)] = 20.0
    wrap_up: Annotated[Seconds, Field(ge=0, le=3600)] = 0.0
    longest: Annotated[int, Field(ge=0, le=10_000)] = 0
    promise: Annotated[Seconds, Field(ge=300, le=604_800)] | None = None
    hours: HoursName | None = None

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.promise is None) != (self.hours is None):
            raise Wrong("'promise' and 'hours' belong together: call back within what, and when?")
        return self


class Desks(_Part):
    """Everything desks.yaml says."""

    queues: dict[DeskName, Desk]
    agents: dict[AgentNumber, Agent]


def load(path: Path) -> Desks:
    """Read desks.yaml. Raises FlowError with every mistake in it, each with its place."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FlowError([Problem(Where(str(path)), f"{error.strerror}", "unreadable")]) from error
    except UnicodeDecodeError as error:
        raise FlowError([Problem(Where(str(path)), "not UTF-8 text", "unreadable")]) from error
    desks, problems = parse(str(path), text)
    if desks is None:
        raise FlowError(problems)
    return desks


def parse(file: str, text: str) -> tuple[Desks | None, list[Problem]]:
    """Return the desks `text` describes, None if anything is wrong, and every problem."""
    tree, problems = read(file, text)
    if tree is None:
        return None, problems or [Problem(Where(file), "no queues and no agents", "empty")]
    desks, misfits = fit(tree, Desks, "desks.yaml")
    problems += misfits
    if desks is not None:
        problems += _members(tree, desks)
    return (None if problems else desks), problems


def _members(tree: Tree, desks: Desks) -> Iterator[Problem]:
    for queue, desk in desks.queues.items():
        for index, member in enumerate(desk.members):
            where = place(tree, ("queues", queue, "members", index))
            if member not in desks.agents:
                message = f"there is no agent {member}{nearest(member, desks.agents)}"
                yield Problem(where, message, "no-such-agent")
            elif member in desk.members[:index]:
                yield Problem(where, f"{member} is already a member of {queue}", "twice")
