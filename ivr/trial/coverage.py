"""Which nodes, outcomes and keys of the flows some test has met.

    watch = Watch(project)                 # or of some flows: Watch(project, {"hotline"})
    result = watch.run(trial)              # any number of tests
    watch.covered.share, watch.covered.missed()

As JSON, for who draws it (`ivr draw --coverage`), times each was met by flow and node::

    {"share": 0.93, "flows": {"hotline": {
        "nodes": {"welcome": {"met": 12, "ways": {"go": 12, "keys.1": 9, "keys.2": 3}}},
        "anywhere": {"*": 1, "0": 4}}}}

A way is a field that names the next node, with the key or case where it has several: `found`,
`keys.1`, `cases.yue`. A key that names no node (of `language`) is a way too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ivr.flow.call import Call
from ivr.flow.fields import NodeName
from ivr.flow.node import Flow, Node
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.flow.source import Path, place
from ivr.trial import verdict
from ivr.trial.calls import Trial
from ivr.trial.transcript import node_of
from ivr.trial.verdict import Result

ANYWHERE = "anywhere"

Spot = tuple[str, str, str]
"""A flow, one of its nodes (or ANYWHERE), a way out of it (or a key); "" is the node itself."""


@dataclass
class Covered:
    """What there is to meet, with where it is written, and how often each was met."""

    spots: dict[Spot, str]
    met: Counter[Spot] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """How much of it was met, from 0 to 1."""
        return sum(spot in self.met for spot in self.spots) / max(1, len(self.spots))

    def __str__(self) -> str:
        met = sum(spot in self.met for spot in self.spots)
        return f"{self.share:.1%} ({met} of {len(self.spots)})"

    def missed(self) -> list[str]:
        """Return what was not met, each with its place; of a node not met not its ways."""
        return [
            f"{where}: {_told(spot)} is met by no test"
            for spot, where in self.spots.items()
            if spot not in self.met and (not spot[2] or self._reached(spot))
        ]

    def _reached(self, spot: Spot) -> bool:
        return spot[1] == ANYWHERE or (spot[0], spot[1], "") in self.met

    def json(self) -> dict[str, Any]:
        """Return the marks that a drawing of the flows can show."""
        flows: dict[str, Any] = {}
        for spot in self.spots:
            flow, node, way = spot
            marks = flows.setdefault(flow, {"nodes": {}, ANYWHERE: {}})
            if node == ANYWHERE:
                marks[ANYWHERE][way] = self.met[spot]
            elif way:
                marks["nodes"][node]["ways"][way] = self.met[spot]
            else:
                marks["nodes"][node] = {"met": self.met[spot], "ways": {}}
        return {"share": round(self.share, 4), "flows": flows}


class Watch:
    """Runs tests on a project, and notes which ways are taken through these flows of it, or all."""

    def __init__(self, project: Project, flows: Collection[str] | None = None) -> None:
        looked_at = project.flows.keys() if flows is None else flows
        self.covered = Covered(
            {spot: where for spot, where in _spots(project) if spot[0] in looked_at}
        )
        self._original = project
        flows = {name: self._watched(flow) for name, flow in project.flows.items()}
        self._watching = replace(project, flows=flows)

    def run(self, trial: Trial) -> Result:
        """Run a test, and note what it meets."""
        result = verdict.run(trial, self._watching)
        self._note_keys(result.record)
        return result

    def _note_keys(self, record: CallRecord) -> None:
        """Note the keys of a call that lead to no node."""
        for press in record.keys:
            inner, _, name = press.node.rpartition("/")
            node = node_of(self._original, record.flow, press.node)
            own = getattr(node, "keys", {})
            if ("keys", press.key) in own_keys(node):
                self.note(inner or record.flow, name, f"keys.{press.key}")
            # Digits that are being typed are no keys of `anywhere`.
            elif press.key not in {key[0] for key in own} and not hasattr(node, "digits"):
                for flow in {inner or record.flow, record.flow}:
                    self.note(flow, ANYWHERE, press.key)

    def note(self, flow: str, node: str, way: str = "") -> None:
        """Note that a node or a way out of it was met."""
        if (flow, node, way) in self.covered.spots:
            self.covered.met[flow, node, way] += 1

    def _watched(self, flow: Flow) -> Flow:
        nodes = {name: _Watched(self, flow.name, name, node) for name, node in flow.nodes.items()}
        return replace(flow, nodes=cast("dict[str, Node]", nodes))


class _Watched:
    """A node that tells which way was taken out of it."""

    def __init__(self, watch: Watch, flow: str, name: str, node: Node) -> None:
        self._watch = watch
        self._at = flow, name
        self._node = node
        # Two ways may name the same node: the way taken is told by the very object, not its text.
        self._ways = {id(to): label(path) for path, to in node.links()}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._node, name)

    async def run(self, call: Call) -> NodeName:
        """Run the node, and note that it was met and how it was left."""
        self._watch.note(*self._at)
        to = await self._node.run(call)
        if id(to) in self._ways:
            self._watch.note(*self._at, self._ways[id(to)])
        return to


def label(path: Path) -> str:
    """Return how a way is called: `found`, `keys.1`, `cases.""`."""
    return ".".join(str(step) or '""' for step in path)


def _spots(project: Project) -> Iterator[tuple[Spot, str]]:
    for flow in project.flows.values():
        for name, node in flow.nodes.items():
            at = ("nodes", name)
            yield (flow.name, name, ""), str(place(flow.tree, at, key=True))
            for path in ways(node):
                yield (flow.name, name, label(path)), str(place(flow.tree, (*at, *path)))
        for key in flow.header.anywhere:
            yield (flow.name, ANYWHERE, key), str(place(flow.tree, (ANYWHERE, key), key=True))


def ways(node: Node) -> Iterator[Path]:
    """Return the ways out of a node, and the keys it takes."""
    yield from (path for path, _ in node.links())
    yield from own_keys(node)


def own_keys(node: Node | None) -> Iterator[Path]:
    """Return the keys of a node that lead to no other, as those of `language`."""
    keys = getattr(node, "keys", {})
    yield from (("keys", key) for key, to in keys.items() if not isinstance(to, NodeName))


def _told(spot: Spot) -> str:
    flow, node, way = spot
    if node == ANYWHERE:
        return f"the key {way} of anywhere in '{flow}'"
    return f"'{way}' of '{node}'" if way else f"'{node}'"
