"""How often each part of a flow was met: by callers (call records), or by tests (coverage)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ivr.errors import IvrError
from ivr.flow.record import CallRecord
from ivr.flow.source import Path


@dataclass(frozen=True)
class Marks:
    """Counts by (flow, node), and by (flow, node, way) or (flow, node, target).

    `calls` is how many calls were counted. Flows that nobody counted have no marks.
    """

    nodes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    ways_met: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    flows: frozenset[str] = frozenset()
    calls: int | None = None

    def node(self, flow: str, name: str) -> int | None:
        """Return how often a node was met, None where nobody counted."""
        return self.nodes.get((flow, name), 0) if flow in self.flows else None

    def ways(self, flow: str, name: str, target: str, paths: Iterable[Path]) -> int | None:
        """Return how often a node was left by these ways, all of which lead to `target`."""
        if flow not in self.flows:
            return None
        labels = [".".join(str(step) or '""' for step in path) for path in paths]
        return sum(self.ways_met.get((flow, name, key), 0) for key in [target, *labels])


def traffic(records: Iterable[CallRecord]) -> Marks:
    """Return in how many calls each node was met, and each was left for each other."""
    nodes: Counter[tuple[str, str]] = Counter()
    ways: Counter[tuple[str, str, str]] = Counter()
    flows: set[str] = set()
    calls = 0
    for record in records:
        calls += 1
        stays = list(_stays(record))
        nodes.update({(flow, node) for flow, node, _ in stays})
        flows |= {flow for flow, _, _ in stays}
        left = {
            (flow, node, after)
            for (flow, node, stay), (other, after, next_stay) in pairwise(sorted(stays, key=_walk))
            if flow == other and stay[0] == next_stay[0]
        }
        ways.update(left)
    return Marks(nodes, ways, frozenset(flows), calls)


Stay = tuple[str, str, tuple[int, int]]


def _stays(record: CallRecord) -> Iterable[Stay]:
    """Give each node of a call with its flow, the walk it belongs to, and its turn.

    A flow that is called has `flow/` before its nodes; what it was called from goes on afterwards.
    """
    walk = 0
    inside = ""
    for turn, step in enumerate(record.path):
        inner, _, node = step.node.rpartition("/")
        if inner and inner != inside:
            walk += 1
        inside = inner
        yield inner or record.flow, node, (walk if inner else 0, turn)


def _walk(stay: Stay) -> tuple[int, int]:
    return stay[2]


def coverage(file: str, text: str) -> Marks:
    """Read what `ivr test` wrote of what its tests met. Raises IvrError."""
    try:
        written: dict[str, Any] = json.loads(text)
        nodes = {
            (flow, node): int(seen["met"])
            for flow, its in written["flows"].items()
            for node, seen in its["nodes"].items()
        }
        ways = {
            (flow, node, way): int(met)
            for flow, its in written["flows"].items()
            for node, seen in its["nodes"].items()
            for way, met in seen["ways"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise IvrError(f"{file} holds no coverage as `ivr test` writes it") from None
    return Marks(nodes, ways, frozenset(written["flows"]))
