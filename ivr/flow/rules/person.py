"""How far it is to a person: the keys and the seconds of a caller who wants one.

She goes the quickest way she has: a key of `anywhere` that leads on at once, a key of a menu when
she has heard it out in the slowest language, silence until the menu gives up. What is not in her
hands goes the worst way: a look-up takes all its time and fails, a branch and a sub-flow's outcome
lead where it is farthest. Desks are open: who is closed is no matter of a flow.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.errors import Problem
from ivr.flow.limits import Limits
from ivr.flow.node import END, Flow, Node
from ivr.flow.nodes.call import CallFlow
from ivr.flow.nodes.collect import Collect
from ivr.flow.nodes.hours import Hours
from ivr.flow.nodes.language import Language
from ivr.flow.nodes.lookup import Lookup
from ivr.flow.nodes.menu import Menu
from ivr.flow.nodes.record import RecordMessage
from ivr.flow.project import Project
from ivr.flow.rules.lengths import longest, spoken
from ivr.flow.rules.ways import PEOPLE, callers_first, calls, ends, is_whole, leads_away
from ivr.flow.source import place


@dataclass(frozen=True, order=True)
class Cost:
    """What a way costs a caller. Seconds count first: she takes the quickest."""

    seconds: float = 0.0
    keys: int = 0

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


def far_from_a_person(project: Project, limits: Limits) -> Iterator[Problem]:
    """From every node that a person lies behind, she is reached within the limit.

    Of each flow the farthest node is told: the others are far by the same way. A flow without a
    person, alone and in all flows around it, promises none.
    """
    most = limits.person
    for flow, worst, hopeful in _measured(project):
        told = [name for name in flow.nodes if name in hopeful]
        lost = [name for name in told if name not in worst]
        far = [
            name
            for name in told
            if name in worst
            and (worst[name].keys > most.keys or worst[name].seconds > most.seconds)
        ]
        limit = f"the limit is {most.keys} keys and {most.seconds:g} s"
        if lost:
            name, needs = lost[0], "may never reach a person"
        elif far:
            name = max(far, key=lambda name: worst[name])
            cost = worst[name]
            keys = "1 key" if cost.keys == 1 else f"{cost.keys} keys"
            needs = f"needs {keys} and {cost.seconds:.0f} s to reach a person"
        else:
            continue
        message = f"from '{name}' a caller {needs}; {limit}"
        yield Problem(place(flow.tree, ("nodes", name), key=True), message, "far-from-a-person")


@dataclass
class _Around:
    """What the flows that call one know: how far it is behind its outcomes, and by their keys."""

    ends: list[Far] = field(default_factory=list)
    keys: list[Cost | None] = field(default_factory=list)


def _measured(project: Project) -> Iterator[tuple[Flow, Far, Far]]:
    """Every flow that could be read, with how far it is from each node at worst and at best."""
    order = [flow for flow in callers_first(project) if is_whole(flow)]
    through: dict[str, _Through] = {}
    for flow in reversed(order):
        through[flow.name] = _through(flow, project, through)
    worst_around = {flow.name: _Around() for flow in order}
    best_around = {flow.name: _Around() for flow in order}
    for flow in order:
        choices = _choices(flow, project, through)
        worst = _solve(flow, project, choices, worst_around, max)
        hopeful = {name: list(_apart(each)) for name, each in choices.items()}
        best = _solve(flow, project, hopeful, best_around, min)
        yield flow, worst, best


def _solve(
    flow: Flow,
    project: Project,
    choices: Choices,
    around: dict[str, _Around],
    choose: Callable[[Iterable[Cost]], Cost],
) -> Far:
    """Return how far it is from each node; tell the flows it calls what they have around them."""
    own = around[flow.name]
    known = _behind(own.ends, choose)
    far = _distances(choices, known)
    quick = [far[to] for to in leads_away(flow).values() if to in far]
    if own.keys and all(key is not None for key in own.keys):
        quick.append(choose(key for key in own.keys if key is not None))
    if quick:
        far = _distances(choices, known | {A_KEY: min(quick) + Cost(keys=1)})
    for _, node, inner in calls(flow, project):
        if inner.name in around:
            leads = ends(node)
            outcomes = {str(x): leads.get(x, leads["go"]) for x in (END, *inner.header.outcomes)}
            around[inner.name].ends.append({x: far[to] for x, to in outcomes.items() if to in far})
            around[inner.name].keys.append(min(quick, default=None))
    return far


def _behind(given: list[Far], choose: Callable[[Iterable[Cost]], Cost]) -> Far:
    """Return how far it is behind each outcome of a flow, whoever called it."""
    names = {name for far in given for name in far}
    shared = {name: [far[name] for far in given if name in far] for name in names}
    if choose is max:
        return {name: max(costs) for name, costs in shared.items() if len(costs) == len(given)}
    return {name: min(costs) for name, costs in shared.items()}


def _apart(choices: Iterable[Choice]) -> Iterator[Choice]:
    """Each way of each choice by itself: as if the caller could choose it."""
    for choice in choices:
        for to in choice.leads:
            yield Choice(choice.cost, frozenset({to}))


@dataclass(frozen=True)
class _Through:
    """How far it is from a sub-flow's start to a person in it, to its end, and to where a key of
    `anywhere` works; None for what no way is sure to reach."""

    person: Cost | None = None
    end: Cost | None = None
    key: Cost | None = None
    key_or_end: Cost | None = None


_Known = Mapping[str, _Through]


def _through(flow: Flow, project: Project, through: _Known) -> _Through:
    choices = _choices(flow, project, through)
    links = {to for each in choices.values() for choice in each for to in choice.leads}
    at_end = dict.fromkeys(links - set(choices) - {A_KEY}, NOTHING)
    at_key = {A_KEY: NOTHING}
    known: tuple[Far, ...] = ({}, at_end, at_key, at_end | at_key)
    return _Through(*(_distances(choices, far).get(str(flow.header.start)) for far in known))


def _choices(
    flow: Flow, project: Project, through: Mapping[str, _Through]
) -> dict[str, list[Choice]]:
    return {str(name): list(_at(node, flow, project, through)) for name, node in flow.nodes.items()}


def _at(
    node: Node, flow: Flow, project: Project, through: Mapping[str, _Through]
) -> Iterator[Choice]:
    """What a caller may do at a node."""
    leads = ends(node)
    said = _said(node, flow, project)
    if _speaks(node):
        yield Choice(NOTHING, frozenset({A_KEY}))
    if isinstance(node, PEOPLE):
        yield Choice(NOTHING, frozenset())
    elif isinstance(node, Menu):
        for key, to in node.keys.items():
            yield Choice(Cost(said, len(key)), frozenset({str(to)}))
        yield Choice(Cost(_silence(node, flow, project)), frozenset({leads["otherwise"]}))
    elif isinstance(node, Collect):
        typed = node.looks.digits[0] + (node.confirm is not None)
        yield Choice(Cost(said, typed), frozenset({leads["go"]}))
        yield Choice(Cost(_silence(node, flow, project)), frozenset({leads["otherwise"]}))
    elif isinstance(node, Language):
        yield Choice(Cost(said, 1), frozenset({leads["go"]}))
        yield Choice(Cost((said + node.wait) * node.tries), frozenset({leads["go"]}))
    elif isinstance(node, RecordMessage):
        yield Choice(Cost(said, 1), frozenset({leads["go"]}))
        yield Choice(Cost(said + node.silence), frozenset({leads["silent"]}))
    elif isinstance(node, CallFlow):
        yield from _at_call(through.get(node.call, _Through()), frozenset(leads.values()))
    elif isinstance(node, Hours):
        yield Choice(NOTHING, frozenset({leads["open"]}))
    elif leads:
        yield Choice(Cost(said), frozenset(leads.values()))


def _at_call(inner: _Through, leads: frozenset[str]) -> Iterator[Choice]:
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
    if not isinstance(speech, tuple):
        return 0.0
    return longest(speech[:1] if isinstance(node, Menu | Collect) else speech, flow, project)


def _silence(node: Menu | Collect, flow: Flow, project: Project) -> float:
    """Return the seconds until a question gives a caller up who answers nothing."""
    prompts = node.menu if isinstance(node, Menu) else node.collect
    asked = sum(
        longest(prompts[min(at, len(prompts) - 1) :][:1], flow, project) for at in range(node.tries)
    )
    return asked + node.tries * (node.wait + longest(node.silent, flow, project))


def _speaks(node: Node) -> bool:
    """Whether a key of `anywhere` works at a node: while something is said or asked."""
    return node.kind == "say" or (node.waits and not isinstance(node, (*PEOPLE, CallFlow)))


def _distances(choices: Choices, known: Far) -> Far:
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
