"""How often each part of a flow was met, from call records and from what tests met."""

import json
from datetime import timedelta

import pytest

from ivr.drawing import graph, marks
from ivr.errors import IvrError
from ivr.flow.record import CallRecord, Step
from tests.drawing.test_graph import FLOW, OTHER
from tests.stage import START, load


def record(*nodes: str) -> CallRecord:
    steps = tuple(
        Step(node=node, entered=START + timedelta(seconds=at)) for at, node in enumerate(nodes)
    )
    return CallRecord.model_construct(flow="f", path=steps)


def test_traffic_counts_the_calls_that_met_a_node_and_not_how_often_each_did() -> None:
    met = marks.traffic([record("ask", "known", "ask", "known"), record("ask", "agent")])
    assert met.calls == 2
    assert [met.node("f", name) for name in ("ask", "known", "agent", "bye")] == [2, 1, 1, 0]


def test_traffic_follows_a_call_into_a_flow_and_back() -> None:
    met = marks.traffic([record("ask", "other", "other/a", "other/b", "ask", "agent")])
    assert met.ways("f", "other", "ask", [("go",)]) == 1
    assert met.ways("f", "ask", "agent", [("otherwise",)]) == 1
    assert met.ways("other", "a", "b", [("otherwise",)]) == 1


def test_two_walks_through_a_flow_are_not_joined() -> None:
    met = marks.traffic([record("other", "other/a", "other", "other/b")])
    assert met.ways("other", "a", "b", [("otherwise",)]) == 0


def test_a_flow_no_call_came_to_was_met_by_none() -> None:
    met = marks.traffic([record("ask")])
    assert met.node("other", "a") == 0


def test_of_a_flow_that_was_not_tested_nothing_is_said() -> None:
    met = marks.coverage("c.json", '{"flows": {"f": {"nodes": {}}}}')
    assert met.node("f", "a") == 0
    assert met.node("other", "a") is None
    assert met.ways("other", "a", "b", [("otherwise",)]) is None


def test_what_tests_met_is_read_and_shown_on_arrows_with_several_ways() -> None:
    ways = {"keys.1": 2, "keys.2": 1, "keys.3": 0, "otherwise": 4}
    written = {"share": 0.5, "flows": {"f": {"nodes": {"ask": {"met": 7, "ways": ways}}}}}
    project = load(FLOW, OTHER)
    met = marks.coverage("c.json", json.dumps(written))
    drawn = graph.of(project, project.flows["f"], met)
    assert drawn.boxes[0].met == 7
    assert [arrow.met for arrow in drawn.arrows if arrow.source == "ask"] == [3, 0, 4]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"flows": {"f": {"nodes": {"a": 3}}}}', "\0"])
def test_a_file_that_is_no_coverage_is_refused_by_name(text: str) -> None:
    with pytest.raises(IvrError, match=r"c\.json holds no coverage"):
        marks.coverage("c.json", text)
