"""What leads where: nodes, flows, queues, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.errors import Problem, nearest
from ivr.flow.fields import (
    LANGUAGE_NAMES,
    FlowName,
    HoursName,
    LookupName,
    Prompt,
    QueueName,
    SkillName,
    Word,
)
from ivr.flow.node import END, MANNERS
from ivr.flow.nodes.call import CallFlow
from ivr.flow.nodes.callback import Callback
from ivr.flow.nodes.queue import Queue
from ivr.flow.project import Project
from ivr.flow.rules.mentions import mentions, place_in
from ivr.flow.rules.ways import ends, is_whole, leads_away
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
        anywhere = [
            (place(flow.tree, ("anywhere", key)), does)
            for key, does in flow.header.anywhere.items()
        ]
        for places, there in ((links, known), (anywhere, known | set(MANNERS))):
            for where, link in places:
                if link not in there:
                    message = f"there is no node '{link}'{nearest(link, there)}"
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


def no_such_skill(project: Project) -> Iterator[Problem]:
    """Somebody at a desk has each skill that is asked for there by its name."""
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            if not isinstance(node, Queue | Callback) or node.desk not in project.skills:
                continue
            known = project.skills[node.desk]
            for index, skill in enumerate(node.skills):
                if isinstance(skill, SkillName) and skill not in known:
                    message = f"nobody at '{node.desk}' has the skill '{skill}'"
                    where = place_in(flow, name, ("skills", index))
                    yield Problem(where, message + nearest(skill, known), "no-such-skill")


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


def unreachable(project: Project) -> Iterator[Problem]:
    """Some key or outcome leads to every node.

    Where nothing does, the first node is told and not those it leads to.
    """
    for flow in project.flows.values():
        if not is_whole(flow):
            continue
        ways = {str(name): set(ends(node).values()) for name, node in flow.nodes.items()}
        seen = _reached(ways, {str(flow.header.start), *leads_away(flow).values()}, set())
        lost = [name for name in ways if name not in seen]
        led_to = {to for name in lost for to in ways[name] if to != name}
        for name in sorted(lost, key=lambda name: name in led_to):
            if name not in seen:
                seen = _reached(ways, {name}, seen)
                where = place(flow.tree, ("nodes", name), key=True)
                yield Problem(where, f"nothing leads to '{name}'", "unreachable")


def _reached(ways: Mapping[str, set[str]], begin: set[str], seen: set[str]) -> set[str]:
    """Return what was seen, and every node to which a way leads from `begin`."""
    todo, seen = list(begin), set(seen)
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += ways.get(node, ())
    return seen
