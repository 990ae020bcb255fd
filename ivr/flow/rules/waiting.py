"""What a caller meets while she waits: that she does wait, and is told no more than is known."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.fields import Variable
from ivr.flow.node import Flow
from ivr.flow.nodes.branch import Branch
from ivr.flow.nodes.callback import Callback
from ivr.flow.project import Project
from ivr.flow.rules.mentions import place_in
from ivr.flow.rules.ways import ends, walk, walks
from ivr.flow.source import place
from ivr.flow.stay import KNOWN, TOLD


def never_waits(project: Project) -> Iterator[Problem]:
    """Some way of what she meets while she waits comes to its end, or back to the queue."""
    for flow in project.flows.values():
        for queue, first in walks(flow).items():
            if not walk(flow, queue, first).stays:
                message = f"'{first}' takes her out of '{queue}' whatever she does: she never waits"
                yield Problem(place_in(flow, queue, ("while_waiting",)), message, "never-waits")


def wait_unknown(project: Project) -> Iterator[Problem]:
    """What is known of a wait is told only where a branch has found that it is known."""
    for flow in project.flows.values():
        where_it_stands = {
            name: {
                (path, word.path[1])
                for path, word in node.words()
                if isinstance(word, Variable) and word.path[0] == "waiting" and word.path[1:]
            }
            for name, node in flow.nodes.items()
        }
        for part, known in TOLD.items():
            unsure = _unsure(flow, known)
            for name in flow.nodes:
                for path, read in where_it_stands[name]:
                    if read == part and name in unsure:
                        cases = " or ".join(f"`{each}`" for each in known)
                        message = (
                            f"$waiting.{part} is told without a branch on $waiting.known that "
                            f"leads here by {cases}"
                        )
                        yield Problem(place_in(flow, name, path), message, "wait-unknown")


def _unsure(flow: Flow, known: tuple[str, ...]) -> set[str]:
    """Return the nodes that are come to while it is not sure that so much of a wait is known."""
    seen: set[str] = set()
    todo = [str(flow.header.start), *map(str, walks(flow).values())]
    while todo:
        name = todo.pop()
        if name in seen or name not in flow.nodes:
            continue
        seen.add(name)
        node = flow.nodes[name]
        links = dict(ends(node))
        if isinstance(node, Branch) and tuple(node.branch.path) == ("waiting", "known"):
            links = {field: to for field, to in links.items() if field not in _cases(known)}
            if set(KNOWN) - set(known) <= set(node.cases):
                links.pop("otherwise")
        todo += links.values()
    return seen


def _cases(known: tuple[str, ...]) -> set[str]:
    return {f"cases.{each}" for each in known}


def call_back_unpromised(project: Project) -> Iterator[Problem]:
    """Who waits is offered a call back only where the desk promises some."""
    for flow in project.flows.values() if project.promises is not None else ():
        for queue, first in walks(flow).items():
            for name in walk(flow, queue, first).nodes:
                node = flow.nodes[name]
                desk = node.callback if isinstance(node, Callback) else None
                if desk in project.queues and desk not in (project.promises or ()):
                    message = f"'{desk}' promises no call back to those who wait in '{queue}'"
                    where = place_in(flow, name, ("callback",))
                    yield Problem(where, message, "call-back-unpromised")


def secret_while_waiting(project: Project) -> Iterator[Problem]:
    """No secret is asked for while she waits: her keys are read by way of the switch then."""
    for flow in project.flows.values():
        for queue, first in walks(flow).items():
            for name in walk(flow, queue, first).nodes:
                if getattr(flow.nodes[name], "secret", False):
                    message = f"'{name}' asks for a secret while she waits in '{queue}'"
                    where = place(flow.tree, ("nodes", name), key=True)
                    yield Problem(where, message, "secret-while-waiting")
