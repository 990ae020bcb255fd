"""What leads where: nodes, flows, queues, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.errors import Problem, nearest
from ivr.flow.fields import (
    LANGUAGE_NAMES,
    FlowName,
    HoursName,
    LookupName,
    NodeName,
    Prompt,
    QueueName,
    Word,
)
from ivr.flow.node import END, MANNERS
from ivr.flow.nodes.call import CallFlow
from ivr.flow.project import Project
from ivr.flow.rules.mentions import mentions, place_in
from ivr.flow.source import place


def no_such_node(project: Project) -> Iterator[Problem]:
    """Every link leads to a node of its flow, or to one of the outcomes a sub-flow names."""
    for flow in project.flows.values():
        known = set(flow.header.nodes) | set(flow.header.outcomes)
        links = [
            (place_in(flow, name, path), link)
            for name, node in (*flow.nodes.items(), *flow.broken.items())
            for path, link in node.links()
        ]
        if flow.header.start != END:
            links.append((place(flow.tree, ("start",)), flow.header.start))
        links += [
            (place(flow.tree, ("anywhere", key)), node)
            for key, node in flow.header.anywhere.items()
            if node not in MANNERS
        ]
        for where, link in links:
            if link not in known:
                message = f"there is no node '{link}'{nearest(link, known)}"
                yield Problem(where, message, "no-such-node")


def no_such_name(project: Project) -> Iterator[Problem]:
    """Every flow, queue, look-up and opening hours that is mentioned exists."""
    tables: dict[type[Word], tuple[str, set[str]]] = {
        FlowName: ("flow", set(project.flows)),
        QueueName: ("queue", set(project.queues)),
        LookupName: ("look-up", set(project.services.lookups)),
        HoursName: ("opening hours", set(project.hours)),
    }
    for flow, name, _, path, word in mentions(project):
        if isinstance(word, Prompt) or type(word) not in tables:
            continue
        what, known = tables[type(word)]
        if word not in known and what not in project.unread:
            are = "are" if what.endswith("s") else "is"
            message = f"there {are} no {what} '{word}'{nearest(word, known)}"
            yield Problem(place_in(flow, name, path), message, f"no-such-{what.replace(' ', '-')}")


def sub_flow_outcomes(project: Project) -> Iterator[Problem]:
    """A call names only outcomes the sub-flow has, gives what it takes, and is understood."""
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            if not isinstance(node, CallFlow) or node.call not in project.flows:
                continue
            inner = project.flows[node.call].header
            for language in sorted(set(flow.header.languages) - set(inner.languages)):
                spoken = LANGUAGE_NAMES[language]
                message = f"'{node.call}' does not speak {spoken}; callers would be lost"
                yield Problem(place_in(flow, name, ("call",)), message, "no-such-language")
            for extra in sorted(set(node.__pydantic_extra__ or {}) - set(inner.outcomes)):
                known = {*inner.outcomes, "with", "into", "go"}
                message = f"'{node.call}' has no outcome '{extra}'{nearest(extra, known)}"
                where = place(flow.tree, ("nodes", name, extra), key=True)
                yield Problem(where, message, "unknown-key")
            for missing in sorted(set(inner.takes) - set(node.with_)):
                message = f"'{node.call}' needs '{missing}' under 'with'"
                yield Problem(place_in(flow, name, ()), message, "argument-missing")
            for extra in sorted(set(node.with_) - set(inner.takes)):
                message = f"'{node.call}' takes no '{extra}'{nearest(extra, inner.takes)}"
                yield Problem(place_in(flow, name, ("with", extra)), message, "unknown-argument")


def circles_of_flows(project: Project) -> Iterator[Problem]:
    """No flow walks itself, by whatever other flows."""
    ways = {
        name: [str(node.call) for node in flow.nodes.values() if isinstance(node, CallFlow)]
        for name, flow in project.flows.items()
    }
    for name, flow in project.flows.items():
        if circle := _way_back(name, ways):
            message = f"the flows {' → '.join(circle)} call each other without end"
            yield Problem(place(flow.tree, ("flow",)), message, "endless-call")


def unreachable(project: Project) -> Iterator[Problem]:
    """Some key or outcome leads to every node."""
    for flow in project.flows.values():
        if set(flow.header.nodes) - set(flow.nodes) or flow.header.start not in flow.nodes:
            continue  # what leads where is not known
        ways = {NodeName(name): {x for _, x in node.links()} for name, node in flow.nodes.items()}
        seen: set[str] = set()
        todo = [flow.header.start, *flow.header.anywhere.values()]
        while todo:
            node = todo.pop()
            if node in ways and node not in seen:
                seen.add(node)
                todo += ways[node]
        for name in ways:
            if name not in seen:
                where = place(flow.tree, ("nodes", name), key=True)
                yield Problem(where, f"nothing leads to '{name}'", "unreachable")


def silent_loops(project: Project) -> Iterator[Problem]:
    """No way leads from a node back to itself without waiting for the caller."""
    for flow in project.flows.values():
        ways = {
            str(name): [str(link) for _, link in node.links()]
            for name, node in flow.nodes.items()
            if not node.waits
        }
        told: set[str] = set()
        for name in ways:
            loop = _way_back(name, ways)
            if loop and not told & set(loop):
                told |= set(loop)
                message = f"{' → '.join(loop)} never waits for the caller"
                yield Problem(place(flow.tree, ("nodes", name), key=True), message, "silent-loop")


def _way_back(start: str, ways: Mapping[str, list[str]]) -> list[str]:
    """Return the shortest way from a node back to itself, or nothing."""
    todo, seen = [[start]], set[str]()
    for way in todo:
        for link in ways.get(way[-1], ()):
            if link == start:
                return [*way, start]
            if link not in seen:
                seen.add(link)
                todo.append([*way, link])
    return []
