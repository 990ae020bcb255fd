"""Reads a flow file: YAML → Flow, with every mistake at once."""

from __future__ import annotations

from typing import Any

from ivr.errors import Problem, Where, nearest
from ivr.flow import nodes as _kinds  # noqa: F401  (importing the folder registers the kinds)
from ivr.flow import source
from ivr.flow.fields import NodeName
from ivr.flow.fitting import fit, what_fits
from ivr.flow.node import END, KINDS, MANNERS, Flow, Header, Node
from ivr.flow.source import Mapping, Text, Tree, Wrong


def flow(file: str, text: str) -> tuple[Flow | None, list[Problem]]:
    """Read one flow; return it with every problem found.

    The flow is None only where there is nothing to look at; with problems it holds the nodes
    that could be read, so that what they say of each other can still be checked.
    """
    tree, problems = source.read(file, text)
    if tree is None:
        return None, problems or [Problem(Where(file), "the file is empty", "empty")]
    if not isinstance(tree, Mapping):
        return None, [*problems, Problem(tree.where, "a flow is expected here", "wrong-shape")]
    header, found = fit(tree, Header, "a flow")
    problems += found
    header = header or what_fits(tree, Header, flow="", languages=(), start=END, nodes={})
    nodes: dict[str, Node] = {}
    broken: dict[str, Node] = {}
    written = tree.get("nodes")
    if isinstance(written, Mapping):
        for name, entry in written.entries.values():
            problems += _name_problems(name)
            node, found = _node(name, entry)
            problems += found
            if node is not None:
                (broken if found else nodes)[name.value] = node
    return Flow(header, nodes, file, tree, broken), problems


def name_place(flow: Flow) -> Where:
    """Return where a flow gives its name."""
    return source.place(flow.tree, ("flow",))


def _name_problems(name: Text) -> list[Problem]:
    try:
        NodeName.check(name.value)
    except Wrong as wrong:
        return [Problem(name.where, str(wrong), wrong.rule)]
    if name.value in MANNERS:
        message = f"'{name.value}' is what a key under 'anywhere' does; no node can be called so"
        return [Problem(name.where, message, "bad-name")]
    return []


def _node(name: Text, entry: Tree) -> tuple[Node | None, list[Problem]]:
    if isinstance(entry, Text):
        kind = KINDS.get(entry.value)
        if kind is None or any(field.is_required() for field in kind.model_fields.values()):
            return None, [_no_kind(name, entry.where, {entry.value})]
        return kind(), []
    if not isinstance(entry, Mapping):
        return None, [Problem(entry.where, f"'{name.value}' must be a node", "wrong-shape")]
    verb = next((key for key in entry.entries if key in KINDS), None)
    if verb is None:
        return None, [_no_kind(name, name.where, set(entry.entries))]
    node, problems = fit(entry, KINDS[verb], verb)
    return node or what_fits(entry, KINDS[verb]), problems


def _no_kind(name: Text, where: Where, given: set[str]) -> Problem:
    guess: Any = next((near for word in sorted(given) if (near := nearest(word, KINDS))), "")
    known = ", ".join(sorted(KINDS))
    message = f"'{name.value}' names no kind of node{guess or f'; the kinds are {known}'}"
    return Problem(where, message, "no-such-kind")
