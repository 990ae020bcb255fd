from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.assembly.calling_back import room
from ivr.desk.agenda import Rule
from ivr.desk.snapshot import Agent, AgentState, Caller, Queue, Snapshot
from ivr.flow.hours import Hours

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def board(*agents: tuple[str, AgentState, tuple[str, ...]], stale: bool = False) -> Snapshot:
    known = (Agent(n, f"PJSIP/{n}", "", queues, state) for n, state, queues in agents)
    return Snapshot(NOW if stale else None, (), tuple(known))


def test_as_many_stand_in_as_agents_are_there_and_one_more_for_each() -> None:
    there = board(
        ("1001", AgentState.FREE, ("front", "front+yue", "back")),
        ("1002", AgentState.TALKING, ("front", "front+en")),
        ("1003", AgentState.PAUSED, ("front",)),
        ("1004", AgentState.LOGGED_OUT, ("back",)),
    )
    assert room(there, {}) == {"front": 4, "back": 2}


@pytest.mark.parametrize("state", [AgentState.FREE, AgentState.TALKING])
def test_of_a_board_that_is_old_nothing_is_known(state: AgentState) -> None:
    assert room(board(("1001", state, ("front",)), stale=True), {}) == {}


def test_where_she_is_rung_first_somebody_is_free_and_nobody_waits() -> None:
    rules = {"front": Rule(Hours.model_validate({"open": "24/7"}), first="caller")}
    there = board(
        ("1001", AgentState.FREE, ("front", "front+yue")),
        ("1002", AgentState.FREE, ("front",)),
        ("1003", AgentState.TALKING, ("front",)),
    )
    assert room(there, rules) == {"front": 2}
    waits = Queue("front+yue", (Caller("1.2", "", "", 1, NOW),), (), 0, 0)
    assert room(replace(there, queues=(waits,)), rules) == {"front": 1}
