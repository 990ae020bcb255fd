"""A flow as DOT, the language of Graphviz, which lays it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ivr.drawing import look
from ivr.drawing.graph import Arrow, Box, Graph
from ivr.errors import width

# A column of a terminal at 12 points, in inches. Graphviz knows no Chinese characters' widths where
# there are no fonts, so each box is told how wide it is at least.
COLUMN = 0.095

Link = Callable[[Graph, Box], str]

_TOP = """\
digraph flow {{
  graph [rankdir=TB, nodesep=0.22, ranksep=0.42, bgcolor=transparent, pad=0.2, id={id}]
  node [fontname="Helvetica", fontsize=12, style="filled,rounded", color="#555555",
        margin="0.10,0.05", height=0.4]
  edge [fontname="Helvetica", fontsize=10, color="#444444", fontcolor="#333333", arrowsize=0.7]
"""


def source(graph: Graph, link: Link) -> str:
    """Return the DOT of a flow; `link` tells where a click on a box leads."""
    return "\n".join([_TOP.format(id=_quoted(f"flow-{graph.flow}")), *_lines(graph, link), "}\n"])


def _lines(graph: Graph, link: Link) -> Iterator[str]:
    yield f"  start [label={_quoted(graph.flow)}, shape=oval, fillcolor=white, {_wide(graph.flow)}, class=entry]"
    yield f"  start -> {_quoted('node ' + graph.start)}"
    most = max((box.met or 0 for box in graph.boxes), default=0)
    for box in graph.boxes:
        yield f"  {_quoted('node ' + box.name)} [{_box(graph, box, link(graph, box), most)}]"
    drawn = {box.name for box in graph.boxes}
    busiest = max((arrow.met or 0 for arrow in graph.arrows), default=0)
    for number, arrow in enumerate(graph.arrows):
        target = "node " + arrow.target
        if arrow.far or arrow.target not in drawn:
            target = f"sign {number}"
            yield f"  {_quoted(target)} [{_sign(graph, arrow)}]"
        style = _arrow(arrow, graph.calls, busiest)
        yield f"  {_quoted('node ' + arrow.source)} -> {_quoted(target)} [{style}]"


def _box(graph: Graph, box: Box, href: str, most: int) -> str:
    shown = look.of(box.kind)
    lines = [box.name, f"{box.kind} {box.about}".strip(), look.tally(box.met, graph.calls)]
    label = "\n".join(filter(None, lines))
    fill = look.heat(box.met, most) or shown.fill
    parts = [
        f"label={_quoted(label)}, shape={shown.shape}, fillcolor={_quoted(fill)}",
        f"id={_quoted(f'{graph.flow}.{box.name}')}, class=step",
        f"URL={_quoted(href)}, tooltip={_quoted(box.told or box.name)}",
        # A diamond has half its width for words.
        _wide(label, 1.5 if shown.shape == "diamond" else 1.0),
    ]
    if box.calls:
        parts.append("peripheries=2")
    return ", ".join(parts)


def _sign(graph: Graph, arrow: Arrow) -> str:
    name = arrow.target or "end"
    parts = f"label={_quoted(name)}, shape=cds, style=filled, fillcolor=white, color=gray60"
    size = f"fontsize=10, fontcolor=gray30, height=0.25, {_wide(name)}"
    there = (
        f", URL={_quoted(f'#{graph.flow}.{arrow.target}')}" if arrow.far and arrow.target else ""
    )
    return f"{parts}, {size}, class=sign{there}"


def _arrow(arrow: Arrow, calls: int | None, busiest: int) -> str:
    label = " ".join(filter(None, (arrow.label, look.tally(arrow.met, calls))))
    parts = [f"label={_quoted(f' {label} ')}"] if label else []
    if arrow.unhappy:
        parts.append("style=dashed, color=gray65, fontcolor=gray45, class=unhappy")
    if arrow.met == 0:
        parts.append('color="#d0564a"')
    elif arrow.met:
        parts.append(f"penwidth={1 + 3 * arrow.met / busiest:.1f}")
    if arrow.far:
        parts.append("arrowhead=none, minlen=1")
    return ", ".join(parts)


def _wide(label: str, times: float = 1.0) -> str:
    columns = max(width(line) for line in label.split("\n"))
    return f"width={columns * COLUMN * times + 0.25:.2f}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
