"""The live picture of the desks, made of board and ledger."""

from datetime import UTC, datetime, timedelta

from ivr.desk.ledger import Sums
from ivr.desk.picture import picture
from ivr.desk.snapshot import Agent, AgentState, Caller, Queue, Snapshot

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def caller(id: str, seconds: int) -> Caller:
    return Caller(id, "139", "", 1, NOW - timedelta(seconds=seconds))


def agent(number: str, state: AgentState, *queues: str) -> Agent:
    return Agent(number, f"PJSIP/{number}", "Li Na", queues, state)


BOARD = Snapshot(
    stale_since=None,
    queues=(
        Queue("front_desk", (caller("a", 5),), ("1001",), 0, 0),
        Queue("front_desk+yue", (caller("b", 9), caller("c", 1)), ("1001", "1002"), 0, 0),
        Queue("roaming", (), ("1002",), 0, 0),
    ),
    agents=(
        agent("1001", AgentState.FREE, "front_desk", "front_desk+yue"),
        agent("1002", AgentState.TALKING, "front_desk+yue", "roaming"),
    ),
)


def test_a_desk_is_all_its_lines_together_and_each_agent_counts_once() -> None:
    seen = picture(BOARD, {}, {"front_desk": {20: 0.5}})
    desk = seen.desks["front_desk"]
    assert list(seen.desks) == ["front_desk", "roaming"]
    assert (desk["waiting"], desk["longest_waits_since"]) == (3, "2026-11-25T08:59:51.000Z")
    agents = desk["agents"]
    assert isinstance(agents, dict)
    assert (agents["free"], agents["talking"], sum(agents.values())) == (1, 1, 2)
    assert desk["service_level_today"] == {"20": 0.5}


def test_a_desk_that_is_gone_is_shown_for_what_became_of_its_callers() -> None:
    sums = Sums()
    seen = picture(Snapshot(None, (), ()), {"closed_down": sums}, {})
    assert seen.desks["closed_down"]["sums"] == vars(sums)


def test_a_picture_that_may_be_old_says_since_when() -> None:
    assert picture(Snapshot(NOW, (), ()), {}, {}).stale_since == "2026-11-25T09:00:00.000Z"
