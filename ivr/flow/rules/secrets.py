"""Secrets: digits that a caller types and that nobody but a back end may get."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.fields import Prompt, Variable
from ivr.flow.node import Flow, Node
from ivr.flow.nodes.branch import Branch
from ivr.flow.nodes.dial import DialNumber
from ivr.flow.nodes.set import Set
from ivr.flow.project import Project
from ivr.flow.rules.mentions import place_in
from ivr.flow.rules.ways import calls
from ivr.flow.source import Path

Held = set[tuple[str, str]]  # flow and variable


# What becomes of a secret, by the rule that forbids it.
_BECOMES = {
    "secret-spoken": "is spoken here",
    "secret-sent": "leaves the house here",
    "secret-compared": "a branch sees none of it",
}


def secret_told(project: Project) -> Iterator[Problem]:
    """A secret is spoken by no prompt, sent in no message, dialled as no number, and compared by
    no branch: which case it was would stand in the record."""
    held = _held(project)
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            for path, variable, rule in _told(node):
                if (flow.name, variable.path[0]) in held:
                    becomes = _BECOMES[rule]
                    message = f"{variable} is a secret, and {becomes}; only look-ups may have it"
                    yield Problem(place_in(flow, name, path), message, rule)


def _told(node: Node) -> Iterator[tuple[Path, Variable, str]]:
    """Every variable that a node tells somebody, and the rule that forbids it for a secret."""
    if isinstance(node, DialNumber) and isinstance(node.dial, Variable):
        yield ("dial",), node.dial, "secret-sent"
    if isinstance(node, Branch):
        yield ("branch",), node.branch, "secret-compared"
    sent = node.kind == "send"
    for path, word in node.words():
        if isinstance(word, Prompt):
            for value in word.values.values():
                if isinstance(value, Variable):
                    yield path, value, "secret-sent" if sent else "secret-spoken"
        elif sent and isinstance(word, Variable) and path == ("to",):
            yield path, word, "secret-sent"


def _held(project: Project) -> Held:
    """Return every variable that holds a secret, whichever way it came there."""
    held = {
        (flow.name, str(getattr(node, "into", "")))
        for flow in project.flows.values()
        for node in flow.nodes.values()
        if getattr(node, "secret", False)
    }
    follows: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for flow in project.flows.values():
        for source, target in _copies(flow, project):
            follows.setdefault(source, []).append(target)
    todo = list(held)
    while todo:
        for target in follows.get(todo.pop(), ()):
            if target not in held:
                held.add(target)
                todo.append(target)
    return held


def _copies(flow: Flow, project: Project) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Every variable whose value a flow puts into another, of its own or of another flow."""
    for node in flow.nodes.values():
        if isinstance(node, Set):
            for name, value in node.set.items():
                if isinstance(value, Variable):
                    yield (flow.name, value.path[0]), (flow.name, str(name))
    for _, call, inner in calls(flow, project):
        for name, value in call.with_.items():
            if isinstance(value, Variable):
                yield (flow.name, value.path[0]), (inner.name, str(name))
        if inner.header.gives is not None and call.into is not None:
            yield (inner.name, str(inner.header.gives)), (flow.name, str(call.into))
