from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.board import Board
from ivr.desk.snapshot import AgentState, Snapshot

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PARAMS = {"Event": "QueueParams", "Queue": "front_desk", "Completed": "7", "Abandoned": "2"}
# The headers as Asterisk 22.10.1 writes them.
MEMBER = {
    "Event": "QueueMember",
    "Queue": "front_desk",
    "Name": "李明",
    "Location": "PJSIP/1001",
    "StateInterface": "PJSIP/1001",
    "Membership": "static",
    "Penalty": "0",
    "CallsTaken": "0",
    "LastCall": "0",
    "LastPause": "0",
    "LoginTime": "1795338000",
    "InCall": "0",
    "Status": "1",
    "Paused": "0",
    "PausedReason": "",
    "Wrapuptime": "0",
}
ENTRY = {
    "Event": "QueueEntry",
    "Queue": "front_desk",
    "Position": "1",
    "Uniqueid": "a",
    "CallerIDNum": "13800138000",
    "CallerIDName": "unknown",
    "Wait": "40",
}
COMPLETE = {"Event": "QueueStatusComplete", "EventList": "Complete", "ListItems": "3"}


def board(*events: Mapping[str, str], whole: bool = True) -> Board:
    it = Board(NOW - timedelta(hours=1))
    for event in [PARAMS, MEMBER, *([COMPLETE] if whole else []), *events]:
        it.apply(event, NOW)
    return it


def status(**changed: str) -> dict[str, str]:
    return {
        **MEMBER,
        "Event": "QueueMemberStatus",
        "MemberName": "李明",
        "Interface": "PJSIP/1001",
        **changed,
    }


def join(unique: str, position: int) -> dict[str, str]:
    return {
        "Event": "QueueCallerJoin",
        "Queue": "front_desk",
        "Uniqueid": unique,
        "Position": str(position),
        "Count": "9",
        "CallerIDNum": "1" + unique,
    }


def gone(unique: str, event: str = "QueueCallerLeave") -> dict[str, str]:
    return {"Event": event, "Queue": "front_desk", "Uniqueid": unique}


def state(it: Board, now: datetime = NOW) -> AgentState:
    [agent] = it.snapshot(now).agents
    return agent.state


def waiting(it: Board) -> list[tuple[str, int]]:
    [queue] = it.snapshot(NOW).queues
    return [(caller.id, caller.position) for caller in queue.callers]


def test_nothing_is_known_before_the_first_list() -> None:
    born = NOW - timedelta(hours=1)
    assert Board(born).snapshot(NOW) == Snapshot(born, (), ())
    assert board(whole=False).snapshot(NOW) == Snapshot(born, (), ())


def test_a_list_makes_the_board_live() -> None:
    it = Board(NOW)
    for event in [PARAMS, MEMBER, ENTRY, COMPLETE]:
        it.apply(event, NOW)
    shown = it.snapshot(NOW)
    assert shown.stale_since is None
    [queue] = shown.queues
    assert (queue.name, queue.agents) == ("front_desk", ("1001",))
    assert (queue.completed, queue.abandoned) == (7, 2)
    [caller] = queue.callers
    assert (caller.number, caller.name, caller.position) == ("13800138000", "", 1)
    assert caller.since == NOW - timedelta(seconds=40)
    [agent] = shown.agents
    assert (agent.number, agent.name, agent.interface) == ("1001", "李明", "PJSIP/1001")
    assert (agent.queues, agent.state) == (("front_desk",), AgentState.FREE)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Status": "0"}, AgentState.FREE),
        ({"Status": "1"}, AgentState.FREE),
        ({"Status": "2"}, AgentState.TALKING),
        ({"Status": "3"}, AgentState.TALKING),
        ({"Status": "4"}, AgentState.LOGGED_OUT),
        ({"Status": "5"}, AgentState.LOGGED_OUT),
        ({"Status": "6"}, AgentState.RINGING),
        ({"Status": "7"}, AgentState.TALKING),
        ({"Status": "8"}, AgentState.TALKING),
        ({"Status": "1", "InCall": "1"}, AgentState.TALKING),
        ({"Status": "1", "Paused": "1"}, AgentState.PAUSED),
        ({"Status": "2", "Paused": "1"}, AgentState.TALKING),
        ({"Status": "5", "Paused": "1"}, AgentState.LOGGED_OUT),
        ({"Status": "nonsense"}, AgentState.FREE),
        ({"Status": "-5"}, AgentState.FREE),
        ({"Status": "٥"}, AgentState.FREE),
        ({"Status": "5" * 5000}, AgentState.FREE),
    ],
)
def test_the_state_of_an_agent(changed: dict[str, str], expected: AgentState) -> None:
    assert state(board(status(**changed))) is expected


def test_a_field_that_is_missing_changes_nothing() -> None:
    it = board(status(Status="2"))
    it.apply({"Event": "QueueMemberStatus", "Queue": "front_desk", "Interface": "PJSIP/1001"}, NOW)
    assert state(it) is AgentState.TALKING


def test_wrap_up_ends_by_the_clock() -> None:
    last = int(NOW.timestamp())
    it = board(status(LastCall=str(last), Wrapuptime="30"))
    assert state(it, NOW + timedelta(seconds=29)) is AgentState.WRAP_UP
    assert state(it, NOW + timedelta(seconds=30)) is AgentState.FREE


def test_a_pause_in_one_queue_of_two_leaves_the_agent_free() -> None:
    other = {"Queue": "repairs"}
    it = Board(NOW)
    for event in [PARAMS, MEMBER, PARAMS | other, MEMBER | other, COMPLETE]:
        it.apply(event, NOW)
    pause = status(Event="QueueMemberPause", Paused="1")
    it.apply(pause, NOW)
    assert state(it) is AgentState.FREE
    it.apply(pause | other, NOW)
    assert state(it) is AgentState.PAUSED
    assert it.snapshot(NOW).agents[0].queues == ("front_desk", "repairs")


def test_why_an_agent_is_paused_is_shown_as_long_as_she_is() -> None:
    it = Board(NOW)
    for event in [PARAMS, MEMBER, COMPLETE]:
        it.apply(event, NOW)
    assert it.snapshot(NOW).agents[0].reason == ""
    it.apply(status(Event="QueueMemberPause", Paused="1", PausedReason="meal"), NOW)
    assert it.snapshot(NOW).agents[0].reason == "meal"
    it.apply(status(Event="QueueMemberPause", Paused="0", PausedReason=""), NOW)
    assert it.snapshot(NOW).agents[0].reason == ""


def test_members_come_and_go() -> None:
    new = status(Event="QueueMemberAdded", Interface="Local/1002@agents/n", MemberName="Ann")
    it = board(new)
    assert [agent.number for agent in it.snapshot(NOW).agents] == ["1001", "1002"]
    it.apply(status(Event="QueueMemberRemoved"), NOW)
    assert [agent.name for agent in it.snapshot(NOW).agents] == ["Ann"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([join("a", 1), join("b", 2)], [("a", 1), ("b", 2)]),
        ([join("a", 1), join("b", 1)], [("b", 1), ("a", 2)]),
        ([join("a", 1), join("b", 2), gone("a")], [("b", 1)]),
        ([join("a", 1), join("a", 1)], [("a", 1)]),
        ([join("a", 1), join("b", 99)], [("a", 1), ("b", 2)]),
        ([join("a", 0)], [("a", 1)]),
        ([join("", 1)], []),
        ([gone("a"), gone("a")], []),
    ],
)
def test_who_waits_and_in_which_place(
    events: list[dict[str, str]], expected: list[tuple[str, int]]
) -> None:
    assert waiting(board(*events)) == expected


@pytest.mark.parametrize("unknown", ["unknown", "<unknown>", ""])
def test_a_caller_without_a_number_has_none(unknown: str) -> None:
    it = board({**join("a", 1), "CallerIDNum": unknown, "CallerIDName": unknown})
    [caller] = it.snapshot(NOW).queues[0].callers
    assert (caller.number, caller.name) == ("", "")


def test_the_ids_of_those_who_wait_are_known_while_the_board_is_live() -> None:
    it = board(join("1", 1), join("2", 2), join("3", 1), gone("1"))
    assert it.waiting() == ("3", "2")
    it.lose(NOW)
    assert it.waiting() == ()


def test_a_caller_who_gives_up_is_counted_once() -> None:
    it = board(join("a", 1), gone("a", "QueueCallerAbandon"), gone("a"))
    [queue] = it.snapshot(NOW).queues
    assert (queue.callers, queue.abandoned, queue.completed) == ((), 3, 7)


def test_a_call_brought_to_its_end_is_counted() -> None:
    it = board({"Event": "AgentComplete", "Queue": "front_desk"})
    assert it.snapshot(NOW).queues[0].completed == 8


def test_a_new_list_replaces_and_does_not_merge() -> None:
    it = board(join("a", 1), status(Interface="PJSIP/1009"))
    for event in [{**PARAMS, "Queue": "repairs"}, COMPLETE]:
        it.apply(event, NOW)
    shown = it.snapshot(NOW)
    assert [queue.name for queue in shown.queues] == ["repairs"]
    assert shown.agents == ()


def test_an_event_amid_a_list_outlives_the_list() -> None:
    it = Board(NOW)
    for event in [PARAMS, MEMBER, status(Status="2"), COMPLETE]:
        it.apply(event, NOW)
    assert state(it) is AgentState.TALKING


def test_a_list_that_was_cut_off_leaves_nothing_in_the_next() -> None:
    it = Board(NOW)
    it.apply({**PARAMS, "ActionID": "1", "Queue": "half"}, NOW)
    it.apply({**PARAMS, "ActionID": "2"}, NOW)
    it.apply({**COMPLETE, "ActionID": "2"}, NOW)
    assert [queue.name for queue in it.snapshot(NOW).queues] == ["front_desk"]
    it.apply({**PARAMS, "ActionID": "3", "Queue": "half"}, NOW)
    it.lose(NOW)
    it.apply(COMPLETE, NOW)
    assert it.snapshot(NOW).queues == ()


def test_events_do_not_make_queues_of_their_own() -> None:
    it = board({**join("a", 1), "Queue": "forged"}, {**status(), "Queue": "forged"})
    assert [queue.name for queue in it.snapshot(NOW).queues] == ["front_desk"]


def test_a_lost_link_keeps_the_picture_and_tells_its_age() -> None:
    it = board(join("a", 1))
    before = it.snapshot(NOW)
    heard = NOW - timedelta(seconds=8)
    it.lose(heard)
    after = it.snapshot(NOW + timedelta(minutes=5))
    assert (after.queues, after.agents) == (before.queues, before.agents)
    assert after.stale_since == heard
    it.lose(NOW)
    it.apply(status(Status="2"), NOW)
    assert it.snapshot(NOW).stale_since == heard
    it.apply(COMPLETE, NOW)
    assert it.snapshot(NOW).stale_since is None


def test_a_switch_that_shuts_down_leaves_a_stale_board() -> None:
    assert board({"Event": "Shutdown"}).snapshot(NOW).stale_since == NOW


names = st.sampled_from(
    [
        "QueueParams",
        "QueueMember",
        "QueueEntry",
        "QueueStatusComplete",
        "QueueMemberStatus",
        "QueueMemberAdded",
        "QueueMemberRemoved",
        "QueueMemberPause",
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueCallerAbandon",
        "AgentCalled",
        "AgentConnect",
        "AgentComplete",
        "AgentRingNoAnswer",
        "FullyBooted",
        "Shutdown",
        "Other",
    ]
)
values = st.sampled_from(["", "a", "b", "0", "1", "2", "5", "-1", "9999999999", "1" * 40, "客"])
keys = [
    "Queue",
    "Interface",
    "Location",
    "MemberName",
    "Name",
    "Status",
    "Paused",
    "InCall",
    "LastCall",
    "Wrapuptime",
    "Uniqueid",
    "Position",
    "Wait",
    "Completed",
    "Abandoned",
    "ActionID",
    "CallerIDNum",
]
events = st.builds(
    lambda name, fields: {"Event": name, **fields},
    names,
    st.dictionaries(st.sampled_from(keys), values, max_size=8),
)


@given(st.lists(events | st.dictionaries(values, values), max_size=40))
def test_no_events_raise_and_no_count_is_negative(many: list[dict[str, str]]) -> None:
    it = board()
    for event in many:
        it.apply(event, NOW)
        shown = it.snapshot(NOW)
        for queue in shown.queues:
            assert queue.completed >= 0
            assert queue.abandoned >= 0
            places = [caller.position for caller in queue.callers]
            assert places == list(range(1, len(places) + 1))
            assert len({caller.id for caller in queue.callers}) == len(places)
            assert len(queue.agents) <= len(shown.agents)
