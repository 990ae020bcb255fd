"""A flow as a graph: a box for each node, an arrow for each way on. What it looks like is others'.

graph = of(project, project.flows["hotline"])
graph.boxes[0].name, graph.arrows[0].label
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ivr.drawing.marks import Marks
from ivr.flow.fields import NodeName, Prompt, Word
from ivr.flow.node import END, MANNERS, Flow, Node
from ivr.flow.project import Project
from ivr.flow.source import Path, place

# What a caller meets when it does not go as she wished: drawn more quietly than the rest.
UNHAPPY = frozenset(
    {"busy", "closed", "declined", "failed", "full", "holiday", "impossible", "missing"}
    | {"otherwise", "silent", "unanswered"}
)
# A node that more ways than this lead to is drawn apart from most of them: each of those ends in a
# sign with its name instead of crossing the whole picture.
MOST_ARROWS = 3
# Of what is said the first so many characters are shown.
LONGEST_TOLD = 400


@dataclass(frozen=True)
class Box:
    """A node: its kind, what its verb names, its line in the file, the flow it calls.

    `told` is what the caller hears there; `met` how often it was met, None where nobody counted.
    """

    name: str
    kind: str
    about: str
    line: int
    told: str = ""
    calls: str = ""
    met: int | None = None


@dataclass(frozen=True)
class Arrow:
    """A way from a node to another, or several that lead to the same.

    `target` is a node, an outcome of the flow, or "" for its end. `far` says that it is drawn as a
    sign with the target's name.
    """

    source: str
    target: str
    label: str
    unhappy: bool = False
    far: bool = False
    met: int | None = None


@dataclass(frozen=True)
class Graph:
    """A flow that can be drawn. `anywhere` tells the keys that work at every node."""

    flow: str
    about: str
    file: str
    start: str
    anywhere: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    outcomes: tuple[str, ...] = ()
    # In how many calls the marks were made, None where calls were not counted.
    calls: int | None = None
    called: tuple[str, ...] = field(default=())


def of(project: Project, flow: Flow, marks: Marks | None = None) -> Graph:
    """Return the graph of one flow of a project, with how often each part was met."""
    marks = marks or Marks()
    boxes = tuple(_box(project, flow, name, node, marks) for name, node in flow.nodes.items())
    header = flow.header
    return Graph(
        flow=flow.name,
        about=header.about,
        file=flow.file,
        start=header.start,
        anywhere="   ".join(f"{key} {does}" for key, does in header.anywhere.items()),
        boxes=boxes,
        arrows=_apart(header.start, [*_arrows(flow, marks)]),
        outcomes=tuple(map(str, header.outcomes)),
        calls=marks.calls,
        called=tuple(dict.fromkeys(box.calls for box in boxes if box.calls)),
    )


def _box(project: Project, flow: Flow, name: str, node: Node, marks: Marks) -> Box:
    words = [*node.words()]
    named = next((_called(word) for path, word in words if path[0] == node.kind), "")
    prompts = [word for _, word in words if isinstance(word, Prompt)]
    return Box(
        name=name,
        kind=node.kind,
        about=named if named != name else "",
        line=place(flow.tree, ("nodes", name), key=True).line,
        told=_told(project, flow, prompts),
        calls=named if node.kind == "call" else "",
        met=marks.node(flow.name, name),
    )


def _called(word: Word | Prompt) -> str:
    return str(word.name if isinstance(word, Prompt) else word)


def _told(project: Project, flow: Flow, prompts: list[Prompt]) -> str:
    """Return what is said at a node, in the flow's first language, as it is written."""
    language = str(next(iter(flow.header.languages), ""))
    texts = [project.catalogue.texts.get(prompt.name, {}).get(language) for prompt in prompts]
    lines = (
        "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in said.parts)
        for said in texts
        if said is not None
    )
    return "\n".join(dict.fromkeys(lines))[:LONGEST_TOLD]


def _arrows(flow: Flow, marks: Marks) -> Iterator[Arrow]:
    for name, node in flow.nodes.items():
        together: dict[tuple[str, bool], list[Path]] = defaultdict(list)
        for path, word in node.words():
            if isinstance(word, NodeName) and word not in MANNERS:
                together[word, _goes_wrong(node, path)].append(path)
        for (target, unhappy), paths in together.items():
            label = ", ".join(filter(None, map(_label, paths)))
            met = marks.ways(flow.name, name, target, paths)
            yield Arrow(name, target, label, unhappy, met=met)


def _goes_wrong(node: Node, path: Path) -> bool:
    # Of a `branch`, which asks nobody, `otherwise` is a way like the others.
    return path[0] in UNHAPPY and (node.waits or path[0] != "otherwise")


def _label(path: Path) -> str:
    if path[0] in ("keys", "cases"):
        return str(path[-1]) or "nothing"
    return "" if path == ("go",) else str(path[0])


def _apart(start: str, arrows: list[Arrow]) -> tuple[Arrow, ...]:
    """Mark the arrows that are drawn as signs: all to the end, and most to a much visited node."""
    leading = Counter(arrow.target for arrow in arrows)
    first = _first_ways(start, arrows)
    return tuple(
        Arrow(**{**vars(arrow), "far": True})
        if arrow.target == END
        or (leading[arrow.target] > MOST_ARROWS and first.get(arrow.target) != id(arrow))
        else arrow
        for arrow in arrows
    )


def _first_ways(start: str, arrows: list[Arrow]) -> dict[str, int]:
    """Return by which arrow each node is first reached, happy ways before unhappy ones."""
    first: dict[str, int] = {start: 0}
    reached = [start]
    for unhappy in (False, True):
        for source in reached:
            for arrow in arrows:
                wanted = arrow.source == source and (unhappy or not arrow.unhappy)
                if wanted and arrow.target not in first:
                    first[arrow.target] = id(arrow)
                    reached.append(arrow.target)
    return first
