from datetime import UTC, datetime

import pytest

from ivr.calling_back import room
from ivr.desk.board import Agent, AgentState, Snapshot

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
    assert room(there) == {"front": 4, "back": 2}


@pytest.mark.parametrize("state", [AgentState.FREE, AgentState.TALKING])
def test_of_a_board_that_is_old_nothing_is_known(state: AgentState) -> None:
    assert room(board(("1001", state, ("front",)), stale=True)) == {}
