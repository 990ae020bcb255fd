"""The ways through flows: what follows what, who calls whom, and which ways come back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivr.flow.fields import NodeName
from ivr.flow.node import END, MANNERS, Flow, Node
from ivr.flow.nodes.call import CallFlow
from ivr.flow.nodes.dial import DialNumber
from ivr.flow.nodes.queue import Queue
from ivr.flow.project import Project

PEOPLE = (Queue, DialNumber)
"""The kinds where a person answers."""

LEFT_ALONE = ("otherwise", "silent")
"""The fields that lead on a caller who does nothing, of the kinds that wait for her."""

# The nodes at both ends of a way that are told where it is too long to be read.
_TOLD = 6

TAKES_HER = ("queue", "dial", "record", "hangup")
"""The kinds that take a caller out of the queue she waits in."""

Ways = Mapping[str, Sequence[str]]


def is_whole(flow: Flow) -> bool:
    """Whether every node could be read and every link leads to one: what leads where is known."""
    known = {*flow.nodes, *flow.header.outcomes, END}
    links = (to for node in flow.nodes.values() for to in ends(node).values())
    return (
        set(flow.header.nodes) == set(flow.nodes)
        and flow.header.start in flow.nodes
        and known.issuperset(links)
        and known.issuperset(leads_away(flow).values())
    )


def ends(node: Node) -> dict[str, str]:
    """Return where each field of a node leads, END too. A key of `keys` is `keys.KEY`."""
    return {
        ".".join(map(str, path)): str(word)
        for path, word in node.words()
        if isinstance(word, NodeName)
    }


@dataclass(frozen=True)
class Walk:
    """What she may walk while she waits; `stays`: a way comes to its end, or back to the queue."""

    nodes: tuple[str, ...]
    stays: bool


def walks(flow: Flow) -> dict[str, str]:
    """Return where a caller begins to walk while she waits, by the node at which she waits."""
    return {
        str(name): str(node.while_waiting)
        for name, node in flow.nodes.items()
        if isinstance(node, Queue) and node.while_waiting
    }


def walk(flow: Flow, queue: str, first: str) -> Walk:
    """Return what is walked while she waits at a node; what takes her out of it is not in it."""
    seen: list[str] = []
    todo, stays = [first], False
    while todo:
        name = todo.pop()
        stays = stays or name in (END, queue)
        node = flow.nodes.get(NodeName(name))
        if name in seen or node is None or node.kind in TAKES_HER:
            continue
        seen.append(name)
        todo += ends(node).values()
    return Walk(tuple(seen), stays)


def leads_away(flow: Flow) -> dict[str, str]:
    """Return the node each key of `anywhere` leads to, for those that lead to one."""
    return {str(key): str(to) for key, to in flow.header.anywhere.items() if to not in MANNERS}


def calls(flow: Flow, project: Project) -> Iterator[tuple[str, CallFlow, Flow]]:
    """Every node that calls a flow there is, with its name and that flow."""
    for name, node in flow.nodes.items():
        if isinstance(node, CallFlow) and node.call in project.flows:
            yield name, node, project.flows[node.call]


def people(project: Project, flow: Flow) -> Iterator[str]:
    """Every node where a person answers, in a flow and in all that it calls, by flow and node."""
    todo = [flow]
    for each in todo:
        for name, node in each.nodes.items():
            if isinstance(node, PEOPLE):
                yield f"{each.name}/{name}"
        todo += [inner for *_, inner in calls(each, project) if inner not in todo]


def called(project: Project) -> frozenset[str]:
    """Return the names of the flows that some flow calls."""
    return frozenset(
        inner.name for flow in project.flows.values() for *_, inner in calls(flow, project)
    )


def callers_first(project: Project) -> list[Flow]:
    """Return the flows so that each stands behind those that call it; without circles of them."""
    waiting = dict.fromkeys(project.flows, 0)
    for flow in project.flows.values():
        for *_, inner in calls(flow, project):
            waiting[inner.name] += 1
    ready = [flow for name, flow in project.flows.items() if not waiting[name]]
    for flow in ready:
        for *_, inner in calls(flow, project):
            waiting[inner.name] -= 1
            if not waiting[inner.name]:
                ready.append(inner)
    return ready


def way(ways: Ways, start: str, goal: str) -> list[str]:
    """Return the shortest way of one step or more from `start` to `goal`, or nothing."""
    before: dict[str, str] = {}
    todo = deque([start])
    while todo:
        here = todo.popleft()
        for link in ways.get(here, ()):
            if link not in before:
                before[link] = here
                todo.append(link)
        if goal in before:
            found = [goal]
            while len(found) == 1 or found[-1] != start:
                found.append(before[found[-1]])
            return found[::-1]
    return []


def way_shown(way: Sequence[str]) -> str:
    """Return a way as it is told: its nodes, those in the middle of a long one left out."""
    if len(way) > 2 * _TOLD:
        way = [*way[:_TOLD], "…", *way[-_TOLD:]]
    return " → ".join(way)


def loops(ways: Ways) -> Iterator[list[str]]:
    """One shortest way round for each set of nodes that lead to each other, its first node twice.

    In time that grows with the number of links: Kosaraju's two walks, without recursion.
    """
    back: dict[str, list[str]] = {name: [] for name in ways}
    for name, links in ways.items():
        for link in links:
            if link in back:
                back[link].append(name)
    group: dict[str, str] = {}
    for root in reversed(_finished(ways)):
        todo = [root] if root not in group else []
        while todo:
            here = todo.pop()
            if here not in group:
                group[here] = root
                todo += back[here]
    members: dict[str, list[str]] = {}
    for name in ways:
        members.setdefault(group[name], []).append(name)
    for names in members.values():
        inside = {name: [x for x in ways[name] if group.get(x) == group[name]] for name in names}
        if round_ := way(inside, names[0], names[0]):
            yield round_


def _finished(ways: Ways) -> list[str]:
    """Return the nodes in the order in which a walk into the depth leaves them."""
    done: list[str] = []
    seen: set[str] = set()
    for root in ways:
        todo = [(root, False)]
        while todo:
            name, is_done = todo.pop()
            if is_done:
                done.append(name)
            elif name not in seen and name in ways:
                seen.add(name)
                todo.append((name, True))
                todo += [(link, False) for link in ways[name] if link not in seen]
    return done
