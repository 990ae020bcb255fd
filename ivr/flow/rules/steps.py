"""What a caller may do at each node, what it costs her, and how far it is from there.

She goes the way of the least effort: a key of `anywhere` that leads on at once, a key of a menu
when she has heard it out in the slowest language, silence until the menu gives up. What is not in
her hands goes the worst way: a look-up takes all its time and fails, a branch and a sub-flow's
outcome lead where it is farthest. Desks are open: that they close is no fault of a flow.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.flow.node import Flow, Node
from ivr.flow.nodes.call import CallFlow
from ivr.flow.nodes.collect import Collect
from ivr.flow.nodes.hours import Hours
from ivr.flow.nodes.language import Language
from ivr.flow.nodes.lookup import Lookup
from ivr.flow.nodes.menu import Menu
from ivr.flow.nodes.record import RecordMessage
from ivr.flow.project import Project
from ivr.flow.rules.lengths import longest, spoken
from ivr.flow.rules.ways import PEOPLE, ends, walk, walks

# Seconds that a key weighs as much as: the limits allow 3 keys or 45 s unless they are set.
A_KEY_WEIGHS = 15.0


@dataclass(frozen=True)
class Cost:
    """What a way costs a caller. She takes the one of the least effort."""

    seconds: float = 0.0
    keys: int = 0

    @property
    def effort(self) -> float:
        """The seconds and the keys in one number."""
        return self.seconds + self.keys * A_KEY_WEIGHS

    def __lt__(self, other: Cost) -> bool:
        return self.effort < other.effort

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.seconds + other.seconds, self.keys + other.keys)


NOTHING = Cost()
# Stands among the nodes for pressing a key of `anywhere` that leads to a person.
A_KEY = "a key"


@dataclass(frozen=True)
class Choice:
    """One thing a caller may do at a node, what it costs, and every node it can lead to."""

    cost: Cost
    leads: frozenset[str]


Choices = Mapping[str, Iterable[Choice]]
Far = dict[str, Cost]


def distances(choices: Choices, known: Far) -> Far:
    """Return how far it is from each node: the least over her choices of the most over their ways.

    `known` are the ends. Knuth's generalisation of Dijkstra's algorithm: nodes are settled from
    near to far, and a choice with the last of its ways, which is therefore the worst.
    """
    far: Far = {}
    open_ways: list[int] = []
    back: dict[str, list[tuple[int, str, Cost]]] = {}
    heap = [(cost, name) for name, cost in known.items()]
    for name, each in choices.items():
        for choice in each:
            if not choice.leads:
                heap.append((choice.cost, name))
            for to in choice.leads:
                back.setdefault(to, []).append((len(open_ways), name, choice.cost))
            open_ways.append(len(choice.leads))
    heapq.heapify(heap)
    while heap:
        reached, here = heapq.heappop(heap)
        if here in far:
            continue
        far[here] = reached
        for number, name, cost in back.get(here, ()):
            open_ways[number] -= 1
            if not open_ways[number]:
                heapq.heappush(heap, (cost + reached, name))
    return far


@dataclass(frozen=True)
class Through:
    """How far it is from a sub-flow's start to a person in it, to its end, and to where a key of
    `anywhere` works; None for what no way is sure to reach."""

    person: Cost | None = None
    end: Cost | None = None
    key: Cost | None = None
    key_or_end: Cost | None = None


Known = Mapping[str, Through]


def through(flow: Flow, each: Choices) -> Through:
    """Return how far it is through a flow; `each` is what a caller may do at each of its nodes."""
    links = {to for its in each.values() for choice in its for to in choice.leads}
    at_end = dict.fromkeys(links - set(each) - {A_KEY}, NOTHING)
    at_key = {A_KEY: NOTHING}
    known: tuple[Far, ...] = ({}, at_end, at_key, at_end | at_key)
    return Through(*(distances(each, far).get(str(flow.header.start)) for far in known))


def choices(
    flow: Flow, project: Project, inner: Known, *, silent: bool = False
) -> dict[str, list[Choice]]:
    """Return what a caller may do at each node of a flow; `inner` is that of those it calls.

    One who is silent presses nothing, and what happens to her is all she may do.
    """
    every: dict[str, list[Choice]] = {}
    waiting = {each for at, first in walks(flow).items() for each in walk(flow, at, first).nodes}
    for name, node in flow.nodes.items():
        if name in waiting:  # an agent is being found for her
            every[str(name)] = [Choice(NOTHING, frozenset())]
            continue
        every[str(name)] = [] if silent else list(_pressing(node, flow, project))
        every[str(name)] += _waiting(node, flow, project, inner)
    return every


def _pressing(node: Node, flow: Flow, project: Project) -> Iterator[Choice]:
    leads = ends(node)
    said = _said(node, flow, project)
    if _speaks(node):
        yield Choice(NOTHING, frozenset({A_KEY}))
    if isinstance(node, Menu):
        for key, to in node.keys.items():
            yield Choice(Cost(said, len(key)), frozenset({str(to)}))
    elif isinstance(node, Collect):
        typed = node.looks.digits[0] + (node.confirm is not None)
        yield Choice(Cost(said, typed), frozenset({leads["go"]}))
    elif isinstance(node, Language | RecordMessage):
        yield Choice(Cost(said, 1), frozenset({leads["go"]}))


def _waiting(node: Node, flow: Flow, project: Project, inner: Known) -> Iterator[Choice]:
    leads = ends(node)
    said = _said(node, flow, project)
    if isinstance(node, PEOPLE):
        yield Choice(NOTHING, frozenset())
    elif isinstance(node, Menu | Collect):
        yield Choice(Cost(_silence(node, flow, project)), frozenset({leads["otherwise"]}))
    elif isinstance(node, Language):
        yield Choice(Cost((said + node.wait) * node.tries), frozenset({leads["go"]}))
    elif isinstance(node, RecordMessage):
        yield Choice(Cost(said + node.silence), frozenset({leads["silent"]}))
    elif isinstance(node, CallFlow):
        yield from _at_call(inner.get(node.call, Through()), frozenset(leads.values()))
    elif isinstance(node, Hours):
        yield Choice(NOTHING, frozenset({leads["open"]}))
    elif leads:
        yield Choice(Cost(said), frozenset(leads.values()))


def _at_call(inner: Through, leads: frozenset[str]) -> Iterator[Choice]:
    ways = (
        (inner.person, frozenset[str]()),
        (inner.end, leads),
        (inner.key, frozenset({A_KEY})),
        (inner.key_or_end, leads | {A_KEY}),
    )
    for cost, to in ways:
        if cost is not None:
            yield Choice(cost, to)


def _said(node: Node, flow: Flow, project: Project) -> float:
    """Return the seconds a caller listens at a node before she can act or it goes on."""
    if isinstance(node, Lookup):
        declared = project.services.lookups.get(node.lookup)
        return declared.time_limit if declared else 0.0
    if isinstance(node, Language):
        return sum(spoken(node.language, x, project) for x in flow.header.languages)
    speech = getattr(node, node.kind, None)
    if not isinstance(speech, tuple) or node.kind == "send":  # which is read, not heard
        return 0.0
    return longest(speech[:1] if isinstance(node, Menu | Collect) else speech, flow, project)


def _silence(node: Menu | Collect, flow: Flow, project: Project) -> float:
    """Return the seconds until a question leads on a caller who answers nothing, or wrong keys."""
    prompts = node.menu if isinstance(node, Menu) else node.collect
    asked = sum(
        longest(prompts[min(at, len(prompts) - 1) :][:1], flow, project) for at in range(node.tries)
    )
    silent = node.wait + longest(node.silent, flow, project)
    return asked + node.tries * max(silent, longest(node.wrong, flow, project))


def _speaks(node: Node) -> bool:
    """Whether a key of `anywhere` works at a node: while something is said or asked."""
    return node.kind == "say" or (node.waits and not isinstance(node, (*PEOPLE, CallFlow)))
