"""Tests of flows as authors write them: `flows/NAME.test.yaml`.

    trials, problems = read("flows/hotline.test.yaml", text, project)

Like flows they are read with every mistake at once, each with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from ivr.errors import Problem, Where, nearest
from ivr.flow import source
from ivr.flow.fields import FlowName, LanguageCode, NodeName, Percent, QueueName
from ivr.flow.fitting import fit
from ivr.flow.project import Project
from ivr.flow.source import Mapping, Tree, Wrong
from ivr.trial import given
from ivr.trial.acts import WrittenAct
from ivr.trial.given import Given
from ivr.trial.transcript import node_of

# What can only be a prompt id: no text that is heard has a _ in it.
_ID = re.compile(r"(?=.*_)[^\W\d]\w*")


class Ends(BaseModel):
    """How a call ends; what is left out may be anything.

    `queue` and `dial` are where she spoke with somebody last, `node` is the last node she came
    to, `language` and `speed` are those spoken at the end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    queue: QueueName | None = None
    dial: str | None = None
    node: NodeName | None = None
    outcome: Literal["finished", "answered", "abandoned", "failed"] | None = None
    language: LanguageCode | None = None
    speed: Percent | None = None


def _ends(value: Any) -> Any:
    return {"outcome": "finished"} if value == "hangup" else value


def _words(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise Wrong("a prompt id, or words that are heard, are expected here")
    return value


Words = Annotated[str, BeforeValidator(_words)]


class Expected(BaseModel):
    """What one call does and must hear. `hears` are prompt ids and texts in their order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    given: Any = None
    does: tuple[WrittenAct, ...] = ()
    hears: tuple[Words, ...] = ()
    never: tuple[Words, ...] = ()
    ends: Annotated[Ends, BeforeValidator(_ends)] = Ends()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    flow: FlowName
    about: str = ""
    given: Any = None
    calls: tuple[Any, ...]


@dataclass(frozen=True)
class Trial:
    """One test: a call to a flow, what is given in it, and what must come of it."""

    flow: str
    given: Given
    expected: Expected
    where: Where

    @property
    def name(self) -> str:
        """The sentence that names it."""
        return self.expected.name


def read(file: str, text: str, project: Project) -> tuple[list[Trial], list[Problem]]:
    """Read one file of tests; return those that can be run, and every problem."""
    tree, problems = source.read(file, text)
    if tree is None:
        return [], problems or [Problem(Where(file), "the file is empty", "empty")]
    if not isinstance(tree, Mapping):
        return [], [*problems, Problem(tree.where, "`flow: …` and `calls:` are expected", "shape")]
    tests, found = fit(tree, _File, "a file of tests")
    problems += found
    common, found = _given(tree, project, None)
    problems += found
    if tests is None:
        return [], problems
    if tests.flow not in project.flows:
        message = f"there is no flow '{tests.flow}'{nearest(tests.flow, project.flows)}"
        return [], [*problems, Problem(source.place(tree, ("flow",)), message, "no-such-flow")]
    calls = tree.get("calls")
    if not isinstance(calls, source.Listing) or not calls.items:
        message = "at least one call (`- name: …`) is expected here"
        return [], [*problems, Problem(source.place(tree, ("calls",)), message, "empty")]
    trials: list[Trial] = []
    for entry in calls.items:
        expected, found = fit(entry, Expected, "a call")
        own, wrong = _given(entry, project, common)
        problems += found + wrong
        if expected is not None:
            problems += _name_problems(entry, expected, trials, project, tests.flow)
            trials.append(Trial(tests.flow, own or Given(), expected, entry.where))
    return trials, problems


def _given(tree: Tree, project: Project, over: Given | None) -> tuple[Given | None, list[Problem]]:
    entry = tree.get("given") if isinstance(tree, Mapping) else None
    return (over, []) if entry is None else given.read(entry, project, over)


def _name_problems(
    tree: Tree, call: Expected, before: list[Trial], project: Project, flow: str
) -> Iterator[Problem]:
    if any(call.name == other.name for other in before):
        message = f"there is a call '{call.name}' already"
        yield Problem(source.place(tree, ("name",)), message, "twice")
    for field in ("hears", "never"):
        for number, heard in enumerate(getattr(call, field)):
            if _ID.fullmatch(heard) and heard not in project.catalogue.texts:
                message = f"there is no prompt '{heard}'{nearest(heard, project.catalogue.texts)}"
                yield Problem(source.place(tree, (field, number)), message, "no-such-prompt")
    ends = call.ends
    if ends.queue and ends.queue not in project.queues and "queue" not in project.unread:
        message = f"there is no queue '{ends.queue}'{nearest(ends.queue, project.queues)}"
        yield Problem(source.place(tree, ("ends", "queue")), message, "no-such-queue")
    if ends.node and node_of(project, flow, ends.node) is None:
        message = f"there is no node '{ends.node}'{nearest(ends.node, project.flows[flow].nodes)}"
        yield Problem(source.place(tree, ("ends", "node")), message, "no-such-node")
