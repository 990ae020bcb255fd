"""A flow as a graph: which boxes and arrows there are, and which are drawn apart."""

from ivr.drawing import graph
from ivr.drawing.graph import Arrow, Graph
from tests.stage import load

FLOW = """
flow: f
about: A choice.
languages: [cmn]
start: ask
anywhere: {"*": slower, 0: agent}
nodes:
  ask: {menu: ask, keys: {1: known, 2: known, 3: other}, otherwise: agent}
  known: {branch: $caller.number, cases: {"": agent}, otherwise: find}
  find: {lookup: billing.balance, using: {number: $caller.number}, into: x, found: tell,
         missing: agent, failed: agent}
  tell: {say: {owed: {amount: $x.balance}}}
  other: {call: other, go: ask, lost: agent}
  agent: {queue: desk, unanswered: bye}
  bye: hangup
"""
OTHER = """
flow: other
languages: [cmn]
start: a
outcomes: [lost]
nodes:
  a: {menu: ask, keys: {1: lost}, otherwise: b}
  b: {say: hello}
"""


def drawn(flow: str = "f") -> Graph:
    project = load(FLOW, OTHER)
    return graph.of(project, project.flows[flow])


def arrows(source: str) -> list[Arrow]:
    return [arrow for arrow in drawn().arrows if arrow.source == source]


def test_a_box_tells_kind_argument_line_and_what_is_said() -> None:
    tell = next(box for box in drawn().boxes if box.name == "tell")
    assert (tell.kind, tell.about, tell.told) == ("say", "owed", "余额{amount}。")
    assert FLOW.splitlines()[tell.line - 1].startswith("  tell:")


def test_a_box_of_another_flow_names_it_once() -> None:
    other = next(box for box in drawn().boxes if box.name == "other")
    assert (other.calls, other.about) == ("other", "")
    assert drawn().called == ("other",)


def test_keys_that_lead_to_one_node_are_one_arrow() -> None:
    assert [(a.target, a.label, a.unhappy) for a in arrows("ask")] == [
        ("known", "1, 2", False),
        ("other", "3", False),
        ("agent", "otherwise", True),
    ]


def test_what_goes_wrong_is_quieter() -> None:
    assert [(a.target, a.label, a.unhappy) for a in arrows("find")] == [
        ("tell", "found", False),
        ("agent", "missing, failed", True),
    ]


def test_of_a_branch_no_way_is_quieter() -> None:
    assert [(a.target, a.label, a.unhappy) for a in arrows("known")] == [
        ("agent", "nothing", False),
        ("find", "otherwise", False),
    ]


def test_a_node_that_leads_nowhere_leads_to_the_end() -> None:
    assert [(a.target, a.far) for a in arrows("tell")] == [("", True)]


def test_a_much_visited_node_keeps_one_arrow_and_gets_signs_for_the_rest() -> None:
    to_agent = [arrow for arrow in drawn().arrows if arrow.target == "agent"]
    assert [(arrow.source, arrow.far) for arrow in to_agent] == [
        ("ask", True),
        ("known", False),
        ("find", True),
        ("other", True),
    ]


def test_an_outcome_leads_out_of_a_flow() -> None:
    assert [(a.target, a.label) for a in drawn("other").arrows if a.source == "a"] == [
        ("lost", "1"),
        ("b", "otherwise"),
    ]


def test_keys_that_work_anywhere_are_told() -> None:
    assert drawn().anywhere == ("* slower", "0 agent")
