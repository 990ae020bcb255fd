"""Variables: filled on every way before they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.errors import Problem, nearest
from ivr.flow.call import CALLER
from ivr.flow.fields import Variable, VariableName
from ivr.flow.node import Flow, Node
from ivr.flow.nodes.branch import Branch
from ivr.flow.project import Project
from ivr.flow.rules.mentions import mentions, place_in
from ivr.flow.rules.ways import Ways, ends, is_whole, leads_away, way
from ivr.flow.source import place

KNOWN = ("caller", "language", "speed")
"""The variables that every call has."""

# The outcomes of kinds that go without what they were to keep under `into`.
_NOTHING_KEPT = ("missing", "failed", "otherwise", "silent", "declined", "impossible")

Names = frozenset[str]


def unset_variable(project: Project) -> Iterator[Problem]:
    """Every variable that is read is filled by some node of its flow, or given to the flow."""
    fills = {
        flow.name: {*KNOWN, *flow.header.takes, *_filled(flow)} for flow in project.flows.values()
    }
    for flow, name, _, path, word in mentions(project):
        if not isinstance(word, Variable):
            continue
        known = fills[flow.name]
        first, part = word.path[0], ".".join(word.path[1:])
        if first not in known:
            message = f"nothing fills ${first}{nearest(first, known)}"
            yield Problem(place_in(flow, name, path), message, "unset-variable")
        elif first == "caller" and part not in CALLER:
            near = nearest(part, CALLER)
            message = f"of a caller there are {', '.join(f'$caller.{x}' for x in CALLER)}{near}"
            yield Problem(place_in(flow, name, path), message, "unset-variable")
    for flow in project.flows.values():
        gives, known = flow.header.gives, fills[flow.name]
        if gives is not None and gives not in known and is_whole(flow):
            message = f"nothing fills ${gives}, which the flow gives{nearest(gives, known)}"
            yield Problem(place(flow.tree, ("gives",)), message, "unset-variable")


def unset_on_a_way(project: Project) -> Iterator[Problem]:
    """No way leads to where a variable is read past every node that fills it.

    A branch with a case "" asks whether it is filled, and its other ways know that it is.
    """
    for flow in project.flows.values():
        if not is_whole(flow):
            continue
        fills = _filled(flow)
        surely = _surely(flow)
        for name, node in flow.nodes.items():
            if name not in surely:
                continue
            for path, word in node.words():
                if not isinstance(word, Variable) or word.path[0] not in fills - surely[name]:
                    continue
                if isinstance(node, Branch) and "" in node.cases:
                    continue
                shown = _past(flow, name, word.path[0])
                message = f"nothing fills ${word.path[0]} on the way {shown}"
                yield Problem(place_in(flow, name, path), message, "unset-variable")


def _filled(flow: Flow) -> Names:
    """Return every variable that some node of a flow fills."""
    nodes = (*flow.nodes.values(), *flow.broken.values())
    return frozenset().union(*(_kept(node) for node in nodes))


def _kept(node: Node) -> Names:
    into = {str(w) for p, w in node.words() if isinstance(w, VariableName) and p == ("into",)}
    return frozenset(into | {str(name) for name in getattr(node, "set", ()) or ()})


def _outs(node: Node) -> Iterator[tuple[str, Names]]:
    """Every node that follows one, with what is surely filled on the way to it."""
    kept = _kept(node)
    for field, link in ends(node).items():
        if isinstance(node, Branch):
            asks = "" in node.cases and node.cases[""] != link
            yield link, frozenset({node.branch.path[0]} if asks else ())
        else:
            yield link, frozenset() if field in _NOTHING_KEPT else kept


def _surely(flow: Flow) -> dict[str, Names]:
    """Return what is filled at each node on whatever way the caller came; what no way reaches is
    not in it.

    Each node is looked at again only when it lost a variable: so often as it has some, at most.
    """
    takes = frozenset(map(str, flow.header.takes))
    surely = {str(flow.header.start): takes}
    # A key that leads away may be pressed at the first words.
    surely |= {to: takes for to in leads_away(flow).values() if to in flow.nodes}
    todo = list(surely)
    while todo:
        name = todo.pop()
        for link, kept in _outs(flow.nodes[name]):
            if link not in flow.nodes:
                continue
            known = surely[name] | kept
            narrowed = surely[link] & known if link in surely else known
            if narrowed != surely.get(link):
                surely[link] = narrowed
                todo.append(link)
    return surely


def _past(flow: Flow, goal: str, variable: str) -> str:
    """Return the shortest way to a node on which nothing fills a variable, as it is shown."""
    ways: dict[str, list[str]] = {
        str(name): [link for link, kept in _outs(node) if variable not in kept]
        for name, node in flow.nodes.items()
    }
    keys: Mapping[str, str] = {f"the key {key}": to for key, to in leads_away(flow).items()}
    ways["the start"] = [str(flow.header.start)]
    ways |= {key: [to] for key, to in keys.items()}
    found = (_shown(ways, begin, goal) for begin in ("the start", *keys))
    return next(way for way in found if way)


def _shown(ways: Ways, begin: str, goal: str) -> str:
    return " → ".join(way(ways, begin, goal))
