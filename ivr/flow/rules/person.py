"""How far it is to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ivr.errors import Problem
from ivr.flow.limits import Limits, PersonWithin
from ivr.flow.node import END, Flow
from ivr.flow.project import Project
from ivr.flow.rules.steps import (
    A_KEY,
    Choice,
    Choices,
    Cost,
    Far,
    Through,
    choices,
    distances,
    through,
)
from ivr.flow.rules.ways import called, callers_first, calls, ends, is_whole, leads_away
from ivr.flow.source import place


def far_from_a_person(project: Project, limits: Limits) -> Iterator[Problem]:
    """From every node that a person lies behind, she is rung for within the limit.

    Of each flow the farthest node is told: the others are far by the same way. A flow without a
    person, in itself and in all around it, promises none.
    """
    most = limits.person
    for flow, worst, best, silent in _measured(project):
        for told in (_farthest(flow, worst, best, most), _silent(flow, silent, most)):
            if told:
                name, needs = told
                where = place(flow.tree, ("nodes", name), key=True)
                yield Problem(where, f"from '{name}' a caller {needs}", "far-from-a-person")


def _farthest(flow: Flow, worst: Far, best: Far, most: PersonWithin) -> tuple[str, str] | None:
    """Return the node that is too far, and what a caller needs there; None if all are near."""
    for name in flow.nodes:
        if name in best and name not in worst:
            return name, "may never reach a person, whatever she does"
    far = [
        name
        for name, cost in worst.items()
        if name in flow.nodes and (cost.keys > most.keys or cost.seconds > most.seconds)
    ]
    if not far:
        return None
    name = max(far, key=lambda name: worst[name])
    needs = f"{_keys(worst[name].keys)} and {worst[name].seconds:.0f} s to reach a person"
    return name, f"needs {needs}; the limit is {_keys(most.keys)} and {most.seconds:g} s"


def _silent(flow: Flow, far: Far, most: PersonWithin) -> tuple[str, str] | None:
    """Return where one who presses nothing is too far from the person she comes to."""
    seconds = {name: cost.seconds for name, cost in far.items() if name in flow.nodes}
    name = max(seconds, key=lambda name: seconds[name], default="")
    if not name or seconds[name] <= most.silence:
        return None
    needs = f"needs {seconds[name]:.0f} s to reach a person; the limit is {most.silence:g} s"
    return name, f"who presses nothing {needs}"


def _keys(count: int) -> str:
    return "1 key" if count == 1 else f"{count} keys"


@dataclass
class _Around:
    """What the flows that call one know: how far it is behind its outcomes, and by their keys."""

    ends: list[Far] = field(default_factory=list)
    keys: list[Cost | None] = field(default_factory=list)


def _measured(project: Project) -> Iterator[tuple[Flow, Far, Far, Far]]:
    """Every flow that could be read, with how far it is from its nodes.

    At worst, if all went as the caller wishes, and at worst for one who presses nothing.
    """
    within = called(project)
    # A sub-flow that nobody calls has no callers, who would have to reach anybody.
    order = [
        flow
        for flow in callers_first(project)
        if is_whole(flow) and (flow.name in within or not flow.header.outcomes)
    ]
    every, silent = (_choices(order, project, silent=silent) for silent in (False, True))
    around_worst, around_best, around_silent = (
        {flow.name: _Around() for flow in order} for _ in range(3)
    )
    for flow in order:
        each = every[flow.name]
        apart = {name: list(_apart(its)) for name, its in each.items()}
        yield (
            flow,
            _solve(flow, project, each, around_worst, max),
            _solve(flow, project, apart, around_best, min),
            _solve(flow, project, silent[flow.name], around_silent, max),
        )


def _choices(
    order: list[Flow], project: Project, *, silent: bool
) -> dict[str, dict[str, list[Choice]]]:
    """Return what callers may do at the nodes of every flow; `order` has callers first."""
    inner: dict[str, Through] = {}
    every: dict[str, dict[str, list[Choice]]] = {}
    for flow in reversed(order):
        every[flow.name] = choices(flow, project, inner, silent=silent)
        inner[flow.name] = through(flow, every[flow.name])
    return every


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
    far = distances(choices, known)
    quick = [far[to] for to in leads_away(flow).values() if to in far]
    if own.keys and all(key is not None for key in own.keys):
        quick.append(choose(key for key in own.keys if key is not None))
    if quick:
        far = distances(choices, known | {A_KEY: min(quick) + Cost(keys=1)})
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
        yield from (Choice(choice.cost, frozenset({to})) for to in choice.leads)
        if not choice.leads:
            yield choice
