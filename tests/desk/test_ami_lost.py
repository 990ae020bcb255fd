"""A link that is lost, refused, falls behind or is closed, and how it comes back."""

import asyncio
import gc
from collections.abc import Mapping
from datetime import timedelta

import pytest

from ivr.desk.ami import Ami, AmiDenied, AmiError, AmiLost, Pace
from ivr.desk.link import Login
from tests.desk.fake_switch import GREETING, FakeSwitch, frame, success
from tests.desk.links import PATIENT, QUICK, Heard, client, silence


async def test_a_list_cut_halfway_fails_as_lost_and_is_not_sent_again(switch: FakeSwitch) -> None:
    def half(action: Mapping[str, str]) -> bytes:
        return success(action, EventList="start") + frame(
            Event="QueueParams", ActionID=action["ActionID"]
        )

    switch.answers["QueueStatus"] = half
    heard = Heard()
    async with client(switch, heard) as ami:
        asking = asyncio.create_task(ami.actions({"Action": "QueueStatus"}))
        await heard.until(2)
        switch.cut()
        with pytest.raises(AmiLost, match="no answer to QueueStatus"):
            await asking
        assert await heard.until(4) == ["up", "QueueParams", "down", "up"]
        assert await ami.action({"Action": "Ping"})
    assert len(switch.asked("QueueStatus")) == 1


async def test_a_cut_link_comes_back_and_nothing_is_replayed(switch: FakeSwitch) -> None:
    switch.answers["Originate"] = silence
    heard = Heard()
    async with client(switch, heard) as ami:
        lost = ami.send_action({"Action": "Originate"})
        await switch.until(lambda: bool(switch.asked("Originate")))
        for round in range(3):
            switch.cut()
            await heard.until(3 + 2 * round)
            assert ami.connected
        assert heard.news == ["up", *["down", "up"] * 3]
        assert isinstance(lost.exception(), AmiLost)
        await switch.send(frame(Event="FullyBooted", Status="Fully Booted"))
        await heard.until(8)
        assert await ami.action({"Action": "Ping"})
    assert len(switch.asked("Originate")) == 1


async def test_every_loss_of_a_link_is_logged_with_its_reason(
    switch: FakeSwitch, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    async with client(switch, heard) as ami:
        for round in range(3):
            await heard.until(1 + 2 * round)
            await ami.action({"Action": "Ping"})
            switch.cut()
        await heard.until(7)
    losses = [text for text in caplog.messages if text.startswith("= AMI link: ")]
    assert len(losses) == 3
    assert all("the switch closed the link; next attempt within" in text for text in losses)


async def test_a_switch_that_stops_answering_is_found_out(switch: FakeSwitch) -> None:
    heard = Heard()
    async with client(switch, heard, QUICK) as ami:
        switch.answers["Ping"] = silence
        await heard.until(2)
        assert not ami.connected
        assert "stopped answering" in ami.trouble
        del switch.answers["Ping"]
        assert (await heard.until(3))[:3] == ["up", "down", "up"]


async def test_a_switch_that_talks_is_not_given_up_for_a_late_pong(switch: FakeSwitch) -> None:
    pings = 0

    def late(action: Mapping[str, str]) -> bytes:
        nonlocal pings
        pings += 1
        if pings < 3:
            return frame(Event="Busy")
        return success(action, Ping="Pong")

    switch.answers["Ping"] = late
    heard = Heard()
    async with client(switch, heard, QUICK):
        assert await heard.until(3) == ["up", "Busy", "Busy"]
        await switch.until(lambda: len(switch.asked("Ping")) > 3)
        assert switch.connections == 1


async def test_a_switch_that_only_talks_is_given_up_in_the_end(switch: FakeSwitch) -> None:
    switch.answers["Ping"] = lambda _: frame(Event="Busy")
    heard = Heard()
    async with client(switch, heard, QUICK):
        assert (await heard.until(7))[:7] == ["up", *["Busy"] * 4, "down", "up"]


def test_a_half_open_link_is_seen_within_ten_seconds() -> None:
    assert Pace().ping + Pace().pong <= timedelta(seconds=10)


async def test_a_switch_that_is_not_there_yet_is_waited_for(switch: FakeSwitch) -> None:
    await switch.stop()
    heard = Heard()
    async with client(switch, heard) as ami:
        assert not ami.connected
        assert ami.trouble
        with pytest.raises(AmiLost, match="there is no link"):
            await ami.action({"Action": "Ping"})
        await switch.start()
        assert await heard.until(1) == ["up"]


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b""])
async def test_the_secret_is_not_told_to_a_stranger(switch: FakeSwitch, greeting: bytes) -> None:
    switch.greeting = greeting
    async with client(switch, pace=QUICK) as ami:
        assert not ami.connected
        assert switch.actions == []
        switch.greeting = GREETING
        await switch.until(lambda: bool(switch.asked("Events")))


async def test_a_wrong_password_is_raised_once_and_not_tried_again_soon(
    switch: FakeSwitch, caplog: pytest.LogCaptureFixture
) -> None:
    switch.secret = "rotated"
    ami = client(switch, pace=QUICK)
    with pytest.raises(AmiDenied, match="Authentication failed"):
        await ami.start()
    # Ten times the longest wait after any other loss.
    await asyncio.sleep(10 * QUICK.longest_wait.total_seconds())
    assert len(switch.asked("Login")) == 1
    assert not ami.connected
    assert "login refused" in ami.trouble
    await ami.close()
    assert caplog.text.count("login refused") == 1
    assert "right" not in caplog.text


async def test_a_password_put_right_is_found_without_a_restart(switch: FakeSwitch) -> None:
    switch.secret = "rotated"
    heard = Heard()
    ami = client(switch, heard, Pace(denied_wait=timedelta(seconds=0.05)))
    with pytest.raises(AmiDenied):
        await ami.start()
    switch.secret = "right"
    assert await heard.until(1) == ["up"]
    await ami.close()


async def test_a_denied_client_in_a_with_block_is_closed(switch: FakeSwitch) -> None:
    switch.secret = "rotated"
    with pytest.raises(AmiDenied):
        async with client(switch):
            pytest.fail("not reached")
    await switch.until(lambda: switch.open == 0)


async def test_listeners_that_fall_behind_lose_the_link_not_the_memory(switch: FakeSwitch) -> None:
    gate = asyncio.Event()
    heard = Heard()
    most = 0

    async def slow(event: dict[str, str]) -> None:
        await gate.wait()
        heard.event(event)

    ami = Ami(
        Login("127.0.0.1", switch.port, "ivr", "right"),
        on_event=slow,
        on_link=heard.link,
        pace=PATIENT,
    )
    async with ami:
        for _ in range(200):
            await switch.send(frame(Event="QueueMemberStatus") * 100)
            most = max(most, len(ami._inbox._letters))
            if switch.connections > 1:
                break
        await switch.until(lambda: len(switch.asked("Events")) == 2)
        gate.set()
        await heard.until(4)
        # The link of before is told lost, what it said is forgotten, the new one is up.
        assert heard.news == ["up", "QueueMemberStatus", "down", "up"]
    assert most <= 10_000


async def test_close_leaves_no_task_and_no_socket(switch: FakeSwitch) -> None:
    before = asyncio.all_tasks()
    switch.answers["Slow"] = silence
    ami = client(switch)
    await ami.start()
    pending = ami.send_action({"Action": "Slow"})
    await ami.close()
    assert isinstance(pending.exception(), AmiLost)
    await switch.until(lambda: switch.open == 0)
    assert {task for task in asyncio.all_tasks() if "AMI" in task.get_name()} == set()
    assert asyncio.all_tasks() - before == set()
    gc.collect()  # an unclosed socket would warn, and warnings are errors
    with pytest.raises(AmiLost, match="closed"):
        await ami.action({"Action": "Ping"})
    with pytest.raises(AmiError, match="starts once"):
        await ami.start()


async def test_no_reconnect_comes_after_close(switch: FakeSwitch) -> None:
    heard = Heard()
    ami = client(switch, heard, QUICK)
    await ami.start()
    await heard.until(1)
    switch.cut()
    await heard.until(2)
    await ami.close()
    connections = switch.connections
    await asyncio.sleep(5 * QUICK.longest_wait.total_seconds())
    assert switch.connections == connections
    assert not ami.connected


async def test_close_before_start_and_twice_is_harmless(switch: FakeSwitch) -> None:
    ami = client(switch)
    await ami.close()
    async with client(switch) as other:
        await other.close()
    assert not other.connected
