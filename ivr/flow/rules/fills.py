"""Variables: filled on every way before they are read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ivr.errors import Problem, nearest
from ivr.flow.fields import Variable, VariableName
from ivr.flow.known import CALLER
from ivr.flow.node import Flow, Node
from ivr.flow.nodes.branch import Branch
from ivr.flow.project import Project
from ivr.flow.rules.mentions import mentions, place_in
from ivr.flow.rules.ways import ends, is_whole, leads_away, walk, walks, way_shown
from ivr.flow.source import Path, place

KNOWN = ("caller", "language", "speed")
"""The variables that every call has."""
WAITING = ("known", "place", "wait", "longer")
"""What is known of a caller who is spoken to while she waits: $waiting.place and so on."""

# The outcomes of kinds that go without what they were to keep under `into`.
_NOTHING_KEPT = ("missing", "failed", "otherwise", "silent", "declined", "impossible")

Names = frozenset[str]
Outs = Mapping[str, Sequence[tuple[str, Names]]]
"""For each node those that follow it, with what is surely filled on the way there."""


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return the variable that was perhaps meant, as an author writes one."""
    return nearest(name, known).replace("mean '", "mean '$")


def unset_variable(project: Project) -> Iterator[Problem]:
    """Every variable that is read is filled by some node of its flow, or given to the flow."""
    fills = {
        flow.name: {*KNOWN, *flow.header.takes, *_filled(flow)} for flow in project.flows.values()
    }
    waiting = {
        flow.name: {each for at, to in walks(flow).items() for each in walk(flow, at, to).nodes}
        for flow in project.flows.values()
    }
    for flow, name, _, path, word in mentions(project):
        if not isinstance(word, Variable):
            continue
        known = fills[flow.name] | ({"waiting"} if name in waiting[flow.name] else set())
        first, part = word.path[0], ".".join(word.path[1:])
        if first not in known:
            message = f"nothing fills ${first}{_nearest(first, known)}"
            yield Problem(place_in(flow, name, path), message, "unset-variable")
        elif first == "caller" and part not in CALLER:
            near = nearest(part, CALLER)
            message = f"of a caller there are {', '.join(f'$caller.{x}' for x in CALLER)}{near}"
            yield Problem(place_in(flow, name, path), message, "unset-variable")
        elif first == "waiting" and part not in WAITING and first not in fills[flow.name]:
            near = nearest(part, WAITING)
            message = f"of a wait there are {', '.join(f'$waiting.{x}' for x in WAITING)}{near}"
            yield Problem(place_in(flow, name, path), message, "unset-variable")
    for flow in project.flows.values():
        gives, known = flow.header.gives, fills[flow.name]
        if gives is not None and gives not in known and is_whole(flow):
            message = f"nothing fills ${gives}, which the flow gives{_nearest(gives, known)}"
            yield Problem(place(flow.tree, ("gives",)), message, "unset-variable")


def unset_on_a_way(project: Project) -> Iterator[Problem]:
    """No way leads to where a variable is read past every node that fills it.

    A branch with a case "" asks whether it is filled, and its other ways know that it is.
    """
    for flow in project.flows.values():
        if not is_whole(flow):
            continue
        outs = {str(name): list(_outs(node)) for name, node in flow.nodes.items()}
        fills = _filled(flow)
        surely = _surely(flow, outs, fills)
        unset: dict[str, list[tuple[str, Path]]] = {}
        for name, node in flow.nodes.items():
            if name not in surely or (isinstance(node, Branch) and "" in node.cases):
                continue
            for path, word in node.words():
                variable = word.path[0] if isinstance(word, Variable) else ""
                if variable in fills and not surely[name] & fills[variable]:
                    unset.setdefault(variable, []).append((str(name), path))
        for variable, places in unset.items():
            before = _without(flow, outs, variable)
            for name, path in places:
                shown = way_shown(_back(before, name))
                message = f"nothing fills ${variable} on the way {shown}"
                yield Problem(place_in(flow, name, path), message, "unset-variable")


def _filled(flow: Flow) -> dict[str, int]:
    """Return every variable that some node of a flow fills, each with a bit of its own."""
    nodes = (*flow.nodes.values(), *flow.broken.values())
    names = dict.fromkeys(name for node in nodes for name in sorted(_kept(node)))
    return {name: 1 << number for number, name in enumerate(names)}


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


def _surely(flow: Flow, outs: Outs, bits: Mapping[str, int]) -> dict[str, int]:
    """Return what is filled at each node on whatever way the caller came, as the sum of its bits;
    what no way reaches is not in it.

    Each node is looked at again only when it lost a variable: so often as it has some, at most.
    Bits, because sets of thousands of names for each of thousands of nodes fill the memory.
    """

    def known(names: Iterable[str]) -> int:
        return sum(bits.get(name, 0) for name in names)

    takes = known(set(map(str, flow.header.takes)))
    surely = {str(flow.header.start): takes}
    # A key that leads away may be pressed at the first words.
    surely |= {to: takes for to in leads_away(flow).values() if to in flow.nodes}
    todo = list(surely)
    while todo:
        name = todo.pop()
        for link, kept in outs[name]:
            if link not in flow.nodes:
                continue
            filled = surely[name] | known(kept)
            narrowed = surely[link] & filled if link in surely else filled
            if narrowed != surely.get(link):
                surely[link] = narrowed
                todo.append(link)
    return surely


def _without(flow: Flow, outs: Outs, variable: str) -> dict[str, str]:
    """Return the node before each that is reached while nothing fills a variable.

    On the shortest way from the start, or else from a key that leads away.
    """
    keys = {f"the key {key}": to for key, to in leads_away(flow).items()}
    begins = {"the start": str(flow.header.start)} | keys
    before: dict[str, str] = {}
    for begin, first in begins.items():
        todo = deque([first] if first not in before else [])
        before.setdefault(first, begin)
        while todo:
            here = todo.popleft()
            for link, kept in outs.get(here, ()):
                if variable not in kept and link not in before:
                    before[link] = here
                    todo.append(link)
    return before


def _back(before: Mapping[str, str], goal: str) -> list[str]:
    """Return the way to a node, from where it begins."""
    found = [goal]
    while found[-1] in before:
        found.append(before[found[-1]])
    return found[::-1]
