"""What the nodes of a project mention, and where."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Where
from ivr.flow.fields import Prompt, Word
from ivr.flow.node import Flow, Node
from ivr.flow.project import Project
from ivr.flow.source import Path, place


def mentions(project: Project) -> Iterator[tuple[Flow, str, Node, Path, Word | Prompt]]:
    """Every name, variable and prompt, with its flow, its node, and its path in the node.

    Nodes with mistakes are among them, as far as they could be read.
    """
    for flow in project.flows.values():
        for name, node in (*flow.nodes.items(), *flow.broken.items()):
            for path, word in node.words():
                yield flow, name, node, path, word


def place_in(flow: Flow, node: str, path: Path) -> Where:
    """Return where a path inside a node is written."""
    return place(flow.tree, ("nodes", node, *path))
