"""Ways that never end: loops of nodes, circles of flows."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.node import END, Flow, Node
from ivr.flow.nodes.call import CallFlow
from ivr.flow.project import Project
from ivr.flow.rules.ways import (
    LEFT_ALONE,
    PEOPLE,
    Ways,
    called,
    callers_first,
    calls,
    ends,
    loops,
    way_shown,
)
from ivr.flow.source import place


def silent_loop(project: Project) -> Iterator[Problem]:
    """No way leads from a node back to itself without waiting for the caller."""
    for flow in project.flows.values():
        ways = {
            str(name): [str(link) for _, link in node.links()]
            for name, node in flow.nodes.items()
            if not node.waits
        }
        for loop in loops(ways):
            message = f"{way_shown(loop)} never waits for the caller"
            yield Problem(place(flow.tree, ("nodes", loop[0]), key=True), message, "silent-loop")


def endless_loop(project: Project) -> Iterator[Problem]:
    """A caller who presses nothing, or nothing that is right, does not go round for ever.

    Where agents or a telephone ring it is for them to end it; and a loop that asks her nothing at
    all is a `silent-loop`.
    """
    ended: dict[str, set[str]] = {}
    for flow in reversed(callers_first(project)):
        ways = {str(name): _alone(node, ended) for name, node in flow.nodes.items()}
        ended[flow.name] = _ends(flow, ways)
        for loop in loops(ways):
            if any(flow.nodes[name].waits for name in loop):
                message = f"{way_shown(loop)} goes round for ever with a caller who says nothing"
                where = place(flow.tree, ("nodes", loop[0]), key=True)
                yield Problem(where, message, "endless-loop")


def _alone(node: Node, ended: dict[str, set[str]]) -> list[str]:
    """Return where a node leads a caller who does nothing."""
    if isinstance(node, PEOPLE):
        return []
    leads = ends(node)
    if isinstance(node, CallFlow):
        outcomes = ended.get(node.call, set())
        return [leads.get(outcome, leads["go"]) for outcome in sorted(outcomes)]
    alone = [leads[name] for name in LEFT_ALONE if name in leads]
    return alone if node.waits and alone else list(leads.values())


def _ends(flow: Flow, ways: Ways) -> set[str]:
    """Return the outcomes, END among them, that are reached from the start of a flow."""
    seen: set[str] = set()
    todo = [str(flow.header.start)]
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += ways.get(here, ())
    return seen - set(ways)


def endless_call(project: Project) -> Iterator[Problem]:
    """No flow walks itself, by whatever other flows."""
    ways = {
        name: [inner.name for *_, inner in calls(flow, project)]
        for name, flow in project.flows.items()
    }
    for loop in loops(ways):
        message = f"the flows {way_shown(loop)} call each other without end"
        yield Problem(place(project.flows[loop[0]].tree, ("flow",)), message, "endless-call")


# Kinds whose work is lost on a caller who is hung up right behind it.
_UNFINISHED = ("set", "language", "collect", "record")


def silent_end(project: Project) -> Iterator[Problem]:
    """A call does not end right behind a question, or behind nothing: the caller hears why."""
    inside = called(project)
    for flow in project.flows.values():
        if flow.name in inside or flow.header.outcomes or flow.header.gives:
            continue
        for name, node in flow.nodes.items():
            if node.kind in _UNFINISHED and getattr(node, "go", None) == END:
                message = f"behind '{name}' the call ends without a word; 'go' names what is next"
                where = place(flow.tree, ("nodes", name), key=True)
                yield Problem(where, message, "silent-end")
