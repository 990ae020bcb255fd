"""Whether a canary does worse: calls in, a verdict out."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.canary import Mark, luck, mark, verdict
from ivr.line.script import ScriptLine
from tests.stage import load, play

FLOW = """
flow: f
languages: [cmn, yue, en]
start: menu
anywhere: {"*": slower, 0: agent}
nodes:
  menu: {menu: ask, keys: {1: hello}, otherwise: agent}
  hello: {say: hello, go: menu}
  agent: {queue: desk, longest: 60s, answered: bye, unanswered: bye}
  bye: hangup
"""
GOOD, GAVE_UP = Mark(), Mark(gave_up=True)


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        (["0"], Mark(left_for_agent=True)),
        (["1", "-", "0"], Mark(left_for_agent=True)),
        (["*", "0"], Mark(left_for_agent=True)),
        (["7", "7", "7"], Mark()),  # `otherwise` leads to the same place
        (["1", "hangup"], Mark(gave_up=True)),
        (["*", "hangup"], Mark(gave_up=True)),
    ],
)
def test_a_call_tells_whether_she_gave_up_or_left_for_an_agent(keys: list[str], seen: Mark) -> None:
    flow = load(FLOW)
    assert mark(play(flow, ScriptLine(keys)), flow) == seen


def test_a_call_that_a_fault_ended_has_failed() -> None:
    flow = load(FLOW)
    record = play(flow, ScriptLine(["hangup"])).model_copy(update={"outcome": "failed"})
    assert mark(record, flow) == Mark(failed=True)


def calls(*marks: tuple[int, Mark]) -> list[Mark]:
    return [mark for many, mark in marks for _ in range(many)]


def test_callers_who_all_hang_up_are_told_after_a_few() -> None:
    stable = calls((90, GOOD), (10, GAVE_UP))
    assert verdict(stable, calls((1, GAVE_UP)), 5) is None
    assert verdict(stable, calls((4, GAVE_UP)), 5) == (
        "4 of 4 callers hung up, and 10 of 100 without it"
    )


def test_each_sign_is_a_reason_in_its_own_words() -> None:
    stable = calls((200, GOOD))
    assert "left for an agent" in str(verdict(stable, [Mark(left_for_agent=True)] * 5, 5))
    assert "5 of 5 calls failed" in str(verdict(stable, [Mark(failed=True)] * 5, 5))


def test_what_is_worse_by_less_than_the_bound_stays() -> None:
    stable, canary = calls((900, GOOD), (100, GAVE_UP)), calls((820, GOOD), (180, GAVE_UP))
    assert verdict(stable, canary, 9) is None
    assert verdict(stable, canary, 8) is not None


def test_with_no_calls_to_compare_with_nothing_is_withdrawn() -> None:
    assert verdict([], calls((50, GAVE_UP)), 5) is None
    assert verdict(calls((50, GOOD)), [], 5) is None


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_luck_is_what_counting_every_way_gives(bad: int, rest: int, good: int, more: int) -> None:
    tried, others, signs = bad + rest, good + more, bad + good
    ways = (
        math.comb(tried, found) * math.comb(others, signs - found)
        for found in range(bad, min(signs, tried) + 1)
    )
    exact = Fraction(sum(ways), math.comb(tried + others, signs))
    assert luck((bad, tried), (good, others)) == pytest.approx(float(exact), rel=1e-9, abs=1e-300)


many = st.integers(0, 1000)


@given(many, many, many, many, st.integers(1, 99))
def test_more_callers_who_give_up_never_save_a_canary(
    bad: int, rest: int, good: int, more: int, worse_by: int
) -> None:
    stable = calls((good, GAVE_UP), (more, GOOD))
    if verdict(stable, calls((bad, GAVE_UP), (rest, GOOD)), worse_by):
        assert verdict(stable, calls((bad + rest, GAVE_UP)), worse_by)


@given(many, many, st.integers(1, 99))
def test_a_version_is_never_worse_than_itself(bad: int, rest: int, worse_by: int) -> None:
    same = calls((bad, GAVE_UP), (rest, GOOD))
    assert verdict(same, same, worse_by) is None
