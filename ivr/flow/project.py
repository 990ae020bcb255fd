"""A project: all flows and what they mention, loaded as one and immutable from then on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ivr.errors import Problem
from ivr.flow import declaring, hours, load, prompt_files
from ivr.flow.fields import FlowName, PlaceName
from ivr.flow.hours import Hours
from ivr.flow.node import Flow
from ivr.flow.prompts import Catalogue
from ivr.flow.services import Declared

SERVICES, HOURS = "services.yaml", "hours.yaml"


@dataclass(frozen=True)
class Sources:
    """The files of a project, by the name that messages call them.

    `queues` are the names of its queues, None where they are not known; `skills` what somebody
    can do in each of those that are told of; `promises` the desks that promise to call back.
    """

    flows: Mapping[str, str]
    prompts: Mapping[str, str]
    queues: Collection[str] | None = ()
    skills: Mapping[str, Collection[str]] = field(default_factory=dict)
    promises: Collection[str] | None = None

    @property
    def texts(self) -> dict[str, str]:
        """Every file's text by its name."""
        return {**self.flows, **self.prompts}

    @cached_property
    def version(self) -> str:
        """What tells these texts from all others: ten digits of their hash."""
        return hashlib.sha256(repr(sorted(self.texts.items())).encode()).hexdigest()[:10]


@dataclass(frozen=True)
class Project:
    """Flows by name, what prompts say, what back ends answer, when desks are open."""

    flows: Mapping[str, Flow]
    catalogue: Catalogue
    services: Declared
    hours: Mapping[str, Hours]
    queues: frozenset[str] = frozenset()
    skills: Mapping[str, Collection[str]] = field(default_factory=dict)
    version: str = ""
    # What has mistakes of its own, so that nothing can be said of who mentions it.
    unread: frozenset[str] = frozenset()
    # The desks that promise to call back; None where that is not known.
    promises: frozenset[str] | None = None

    @cached_property
    def speeds(self) -> tuple[int, ...]:
        """Every speed that some flow speaks at, in percent."""
        return tuple(sorted({100, *(s for f in self.flows.values() for s in f.header.speeds)}))

    @cached_property
    def keeps_secrets(self) -> bool:
        """Whether some flow asks for digits that must be written nowhere."""
        return any(flow.keeps_secrets for flow in self.flows.values())

    @cached_property
    def places(self) -> Mapping[str, frozenset[str]]:
        """The places where a call that begins in a flow may be told what is announced, by flow."""
        said = {
            name: [word for node in flow.nodes.values() for _, word in node.words()]
            for name, flow in self.flows.items()
        }
        found = {name: frozenset[str]() for name in said}
        for name in said:
            todo, seen = [name], {name}
            for flow in todo:
                inner = {str(word) for word in said[flow] if isinstance(word, FlowName)}
                todo += sorted((inner & set(said)) - seen)
                seen |= inner
            words = (word for flow in todo for word in said[flow])
            found[name] = frozenset(str(word) for word in words if isinstance(word, PlaceName))
        return found

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Every language that some flow speaks."""
        return tuple(sorted({str(x) for f in self.flows.values() for x in f.header.languages}))


def read(sources: Sources) -> tuple[Project, list[Problem]]:
    """Read a project; return it with every problem of its files taken one by one.

    A project with problems may be looked at but not run; what its files say of each other is
    for `ivr.flow.check`.
    """
    problems: list[Problem] = []
    flows: dict[str, Flow] = {}
    declared, opening = Declared({}, {}), dict[str, Hours]()
    unread = {"queue"} if sources.queues is None else set[str]()
    for file, text in sources.flows.items():
        name = file.rsplit("/", 1)[-1]
        if name == SERVICES:
            said, found = declaring.declare(file, text)
            declared = said or declared
            unread |= {"look-up"} if found else set()
        elif name == HOURS:
            opening, found = hours.load(file, text)
            unread |= {"opening hours"} if found else set()
        else:
            flow, found = load.flow(file, text)
            if flow is not None and flow.name in flows:
                where = load.name_place(flow)
                message = f"a flow '{flow.name}' already stands in {flows[flow.name].file}"
                found.append(Problem(where, message, "twice"))
            elif flow is not None:
                flows[flow.name or file] = flow
        problems += found
    catalogue, found = prompt_files.load(sources.prompts)
    problems += found
    queues, skills, version = frozenset(sources.queues or ()), sources.skills, sources.version
    promises = None if sources.promises is None else frozenset(sources.promises)
    project = Project(
        flows, catalogue, declared, opening, queues, skills, version, frozenset(unread), promises
    )
    return project, problems
