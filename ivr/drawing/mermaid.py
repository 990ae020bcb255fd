"""A flow as Mermaid text, which many pages that show a README draw by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.drawing import look
from ivr.drawing.graph import Arrow, Box, Graph


def text(graph: Graph) -> str:
    """Return the flow chart of a flow."""
    # Names of nodes may be words of Mermaid's own (`end`), or Chinese: boxes are numbered instead.
    ids = {box.name: f"n{number}" for number, box in enumerate(graph.boxes, start=1)}
    return "\n".join(["flowchart TD", *_lines(graph, ids), ""])


def _lines(graph: Graph, ids: dict[str, str]) -> Iterator[str]:
    yield f'  start(["{_quoted(graph.flow)}"]) --> {ids.get(graph.start, "n1")}'
    for box in graph.boxes:
        opening, closing = look.of(box.kind).mermaid
        yield f'  {ids[box.name]}{opening}"{_box(box, graph.calls)}"{closing}'
    signs = 0
    for arrow in graph.arrows:
        target = ids.get(arrow.target, "")
        if arrow.far or not target:
            signs += 1
            target = f'e{signs}>"{_quoted(arrow.target or "end")}"]'
        yield f"  {ids[arrow.source]} {_line(arrow, graph.calls)} {target}"
    if graph.anywhere:
        yield f'  anywhere["anywhere: {_quoted(graph.anywhere)}"]'
    yield from _colours(graph, ids)


def _box(box: Box, calls: int | None) -> str:
    about = f"{box.kind} {box.about}".strip()
    return "<br/>".join(map(_quoted, filter(None, (box.name, about, look.tally(box.met, calls)))))


def _line(arrow: Arrow, calls: int | None) -> str:
    label = _quoted(" ".join(filter(None, (arrow.label, look.tally(arrow.met, calls)))))
    line = "-.->" if arrow.unhappy else "-->"
    return f'{line}|"{label}"|' if label else line


def _colours(graph: Graph, ids: dict[str, str]) -> Iterator[str]:
    most = max((box.met or 0 for box in graph.boxes), default=0)
    for box in graph.boxes:
        fill = look.heat(box.met, most) or look.of(box.kind).fill
        yield f"  style {ids[box.name]} fill:{fill},stroke:#555,color:#111"


def _quoted(text: str) -> str:
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace("\n", " ")
