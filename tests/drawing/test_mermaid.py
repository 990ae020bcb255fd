"""A flow as Mermaid text."""

from ivr.drawing import graph, mermaid
from tests.drawing.test_graph import FLOW, OTHER, drawn
from tests.stage import load


def test_boxes_arrows_and_signs_are_lines() -> None:
    lines = mermaid.text(drawn()).splitlines()
    assert lines[0] == "flowchart TD"
    assert '  start(["f"]) --> n1' in lines
    assert '  n1("ask<br/>menu")' in lines
    assert '  n5[["other<br/>call"]]' in lines
    assert '  n1 -->|"1, 2"| n2' in lines
    assert '  n1 -.->|"otherwise"| e1>"agent"]' in lines
    assert '  anywhere["anywhere<br/>* slower<br/>0 agent"]' in lines


def test_what_mermaid_would_read_as_its_own_is_quoted() -> None:
    odd = FLOW.replace("about: A choice.", "about: x").replace('{"": agent}', "{'\"<b>': agent}")
    project = load(odd, OTHER)
    text = mermaid.text(graph.of(project, project.flows["f"]))
    assert '-->|"#quot;#lt;b>"|' in text
