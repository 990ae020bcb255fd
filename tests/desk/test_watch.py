import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from ivr.desk.ami import AmiDenied, Pace
from ivr.desk.link import Login
from ivr.desk.snapshot import AgentState, Snapshot
from ivr.desk.watch import Watch
from tests.desk.fake_switch import FakeSwitch, fake_switch, frame

PACE = Pace(first_wait=timedelta(seconds=0.02), longest_wait=timedelta(seconds=0.05))
FREE: dict[str, object] = {
    "Event": "QueueMember",
    "Queue": "front_desk",
    "Name": "Ann",
    "Location": "PJSIP/1001",
    "Status": 1,
}
QUEUE: dict[str, object] = {"Event": "QueueParams", "Queue": "front_desk"}
TALKS = frame(
    Event="QueueMemberStatus",
    Queue="front_desk",
    Interface="PJSIP/1001",
    MemberName="Ann",
    Status=2,
)


@pytest.fixture
async def switch() -> AsyncIterator[FakeSwitch]:
    async with fake_switch() as it:
        it.queue_status = [QUEUE, FREE]
        yield it


def watch(switch: FakeSwitch, resync: timedelta = timedelta(seconds=30)) -> Watch:
    return Watch(Login("127.0.0.1", switch.port, "ivr", "right"), pace=PACE, resync=resync)


async def until(watched: Watch, condition: Callable[[Snapshot], bool]) -> Snapshot:
    """The board has no event of its own to wait for: look every few milliseconds."""
    async with asyncio.timeout(10):
        while not condition(watched.board()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return watched.board()


def live(shown: Snapshot) -> bool:
    return shown.stale_since is None


def talks(shown: Snapshot) -> bool:
    return [agent.state for agent in shown.agents] == [AgentState.TALKING]


async def test_the_board_is_live_soon_after_the_link(switch: FakeSwitch) -> None:
    async with watch(switch) as watched:
        assert watched.alive
        shown = await until(watched, live)
        assert [agent.state for agent in shown.agents] == [AgentState.FREE]
        [mask] = switch.asked("Events")
        assert mask["EventMask"] == "agent,system,user"


async def test_events_keep_the_board_true(switch: FakeSwitch) -> None:
    async with watch(switch) as watched:
        await until(watched, live)
        await switch.send(TALKS)
        assert live(await until(watched, talks))


async def test_a_lost_link_leaves_a_stale_board_and_a_new_one_replaces_it(
    switch: FakeSwitch,
) -> None:
    async with watch(switch) as watched:
        before = await until(watched, live)
        lost = datetime.now(UTC)
        await switch.stop()
        shown = await until(watched, lambda shown: not live(shown))
        assert shown.agents == before.agents
        assert shown.stale_since is not None
        assert lost - timedelta(seconds=2) <= shown.stale_since <= datetime.now(UTC)
        assert not watched.alive
        assert watched.trouble
        switch.queue_status = [{**QUEUE, "Queue": "repairs"}]
        await switch.start()
        shown = await until(watched, live)
        assert [queue.name for queue in shown.queues] == ["repairs"]
        assert shown.agents == ()
        assert watched.trouble == ""


async def test_a_list_nobody_asked_for_is_not_believed(switch: FakeSwitch) -> None:
    async with watch(switch) as watched:
        await until(watched, live)
        await switch.send(
            frame(Event="QueueParams", Queue="forged")
            + frame(Event="QueueStatusComplete", ActionID="board-1")
            + TALKS
        )
        shown = await until(watched, talks)
        assert [queue.name for queue in shown.queues] == ["front_desk"]


async def test_the_list_of_another_action_does_not_disturb_the_board(switch: FakeSwitch) -> None:
    async with watch(switch) as watched:
        await until(watched, live)
        switch.queue_status = [{**QUEUE, "Queue": "other"}]
        await watched.ami.actions({"Action": "QueueStatus", "Queue": "other"})
        await switch.send(TALKS)
        shown = await until(watched, talks)
        assert [queue.name for queue in shown.queues] == ["front_desk"]


async def test_an_event_that_was_lost_is_made_good_by_the_next_list(switch: FakeSwitch) -> None:
    async with watch(switch, resync=timedelta(seconds=0.05)) as watched:
        await until(watched, live)
        switch.queue_status = [QUEUE, {**FREE, "Status": 2}]
        await until(watched, talks)


async def test_who_hears_of_a_list_and_fails_hears_of_the_next_one(
    switch: FakeSwitch, caplog: pytest.LogCaptureFixture
) -> None:
    heard = 0

    async def listed(_: object) -> None:
        nonlocal heard
        heard += 1
        raise KeyError("a fault of ours")

    async with watch(switch, resync=timedelta(seconds=0.02)) as watched:
        watched.listed = listed
        await until(watched, lambda _: heard >= 2)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "no list of queues: 'a fault of ours'"
    ]


async def test_a_switch_still_starting_is_asked_again(switch: FakeSwitch) -> None:
    def unknown(action: Mapping[str, str]) -> bytes:
        del switch.answers["QueueStatus"]
        return frame(
            Response="Error", ActionID=action["ActionID"], Message="Invalid/unknown command"
        )

    switch.answers["QueueStatus"] = unknown
    async with watch(switch) as watched:
        await until(watched, live)
    assert len(switch.asked("QueueStatus")) == 2


async def test_a_switch_that_has_booted_is_asked_anew(switch: FakeSwitch) -> None:
    async with watch(switch) as watched:
        await until(watched, live)
        switch.queue_status = [QUEUE, {**FREE, "Status": 2}]
        await switch.send(frame(Event="FullyBooted"))
        await until(watched, talks)


async def test_resets_every_moment_leave_a_true_board_within_two_seconds(
    switch: FakeSwitch,
) -> None:
    async with watch(switch) as watched:
        await until(watched, live)
        for status in (2, 1, 2):
            switch.queue_status = [QUEUE, {**FREE, "Status": status}]
            switch.cut()
            await until(watched, lambda shown: not live(shown))
        began = asyncio.get_running_loop().time()
        await until(watched, lambda shown: live(shown) and talks(shown))
        assert asyncio.get_running_loop().time() - began < 2


async def test_what_a_silent_switch_said_last_is_not_shown_as_of_now(switch: FakeSwitch) -> None:
    ahead = timedelta()
    asked = Watch(
        Login("127.0.0.1", switch.port, "ivr", "right"), clock=lambda: datetime.now(UTC) + ahead
    )
    async with asked as watched:
        await until(watched, live)
        ahead = timedelta(seconds=2.5)
        since = watched.board().stale_since
        assert since is not None and datetime.now(UTC) - since < timedelta(seconds=2)
        assert watched.board().agents
        ahead = timedelta()
        assert live(watched.board())


async def test_a_wrong_password_is_raised_and_the_board_stays_unknown(switch: FakeSwitch) -> None:
    switch.secret = "rotated"
    watched = watch(switch)
    with pytest.raises(AmiDenied):
        await watched.start()
    assert not watched.alive
    assert watched.board().stale_since is not None
    await watched.close()


async def test_close_leaves_no_task_and_no_socket(switch: FakeSwitch) -> None:
    before = asyncio.all_tasks()
    async with watch(switch) as watched:
        await until(watched, live)
    await switch.until(lambda: switch.open == 0)
    assert asyncio.all_tasks() - before == set()
    assert watched.trouble == "closed"
