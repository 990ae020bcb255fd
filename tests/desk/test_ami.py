import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import pytest

from ivr.desk.ami import Ami, AmiDenied, AmiError, AmiLost, AmiRefused, AmiTimeout, Pace
from ivr.desk.faults import check
from ivr.desk.protocol import UNANSWERED_LIMIT
from ivr.errors import IvrError
from tests.desk.fake_switch import GREETING, FakeSwitch, fake_switch, frame, listed, success

QUICK = Pace(
    answer=timedelta(seconds=0.3),
    ping=timedelta(seconds=0.1),
    pong=timedelta(seconds=0.2),
    first_wait=timedelta(seconds=0.02),
    longest_wait=timedelta(seconds=0.1),
    denied_wait=timedelta(seconds=30),
)
PATIENT = Pace(first_wait=timedelta(seconds=0.02))


class Heard:
    """A listener that keeps what it hears, and can be waited for."""

    def __init__(self) -> None:
        self.news: list[str] = []
        self._more = asyncio.Event()

    def event(self, event: dict[str, str]) -> None:
        self._note(event["Event"] + event.get("Number", ""))

    def link(self, up: bool, heard: datetime) -> None:
        assert heard.tzinfo is not None
        self._note("up" if up else "down")

    def _note(self, news: str) -> None:
        self.news.append(news)
        self._more.set()

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(20):
            while len(self.news) < count:
                self._more.clear()
                await self._more.wait()
        return self.news


@pytest.fixture
async def switch() -> AsyncIterator[FakeSwitch]:
    async with fake_switch() as it:
        yield it


def client(switch: FakeSwitch, heard: Heard | None = None, pace: Pace = PATIENT) -> Ami:
    heard = heard or Heard()
    return Ami(
        "127.0.0.1",
        switch.port,
        "ivr",
        "right",
        on_event=heard.event,
        on_link=heard.link,
        pace=pace,
    )


def silence(_: Mapping[str, str]) -> bytes:
    return b""


async def test_a_link_logs_in_and_only_then_asks_for_events(switch: FakeSwitch) -> None:
    heard = Heard()
    async with client(switch, heard) as ami:
        assert ami.connected
        assert ami.trouble == ""
        assert await heard.until(1) == ["up"]
    login, events = switch.actions
    assert (login["Action"], login["Username"], login["Events"]) == ("Login", "ivr", "off")
    assert (events["Action"], events["EventMask"]) == ("Events", "on")


async def test_an_action_returns_its_answer_and_events_go_elsewhere(switch: FakeSwitch) -> None:
    switch.answers["Getvar"] = lambda action: (
        frame(Event="Other", Number=1) + success(action, Value="客服") + frame(Event="Other")
    )
    heard = Heard()
    async with client(switch, heard) as ami:
        answer = await ami.action({"Action": "Getvar", "Variable": "x"})
        assert answer["Value"] == "客服"
        assert await heard.until(3) == ["up", "Other1", "Other"]


async def test_an_error_of_the_switch_is_refused_with_its_words(switch: FakeSwitch) -> None:
    switch.answers["QueuePause"] = lambda action: frame(
        Response="Error", ActionID=action["ActionID"], Message="Interface not found"
    )
    async with client(switch) as ami:
        with pytest.raises(AmiRefused, match="Interface not found"):
            await ami.action({"Action": "QueuePause"})
        with pytest.raises(AmiRefused, match="Interface not found"):
            await ami.actions({"Action": "QueuePause"})


@pytest.mark.parametrize(
    "message", ["Added interface to queue", "Message successfully queued", "List will follow"]
)
async def test_what_is_no_list_is_answered_whatever_its_text(
    switch: FakeSwitch, message: str
) -> None:
    switch.answers["QueueAdd"] = lambda action: success(action, Message=message)
    async with client(switch) as ami:
        assert (await ami.action({"Action": "QueueAdd"}))["Message"] == message
        assert (await ami.send_action({"Action": "QueueAdd"})).message == message
        with pytest.raises(AmiRefused, match="QueueAdd does not answer with a list"):
            await ami.actions({"Action": "QueueAdd"})


async def test_a_list_returns_its_items_and_events_hear_them_too(switch: FakeSwitch) -> None:
    switch.queue_status = [{"Event": "QueueParams", "Number": n} for n in range(3)]
    heard = Heard()
    async with client(switch, heard) as ami:
        items = await ami.actions({"Action": "QueueStatus"})
        assert [item["Number"] for item in items] == ["0", "1", "2"]
        assert (await heard.until(5))[1:4] == ["QueueParams0", "QueueParams1", "QueueParams2"]


async def test_two_lists_at_once_are_not_mixed(switch: FakeSwitch) -> None:
    def first_waits(action: Mapping[str, str]) -> bytes:
        return b""

    switch.answers["A"] = first_waits
    switch.answers["B"] = lambda action: listed(action, [{"Event": "Item", "Of": "B"}], "BComplete")
    async with client(switch) as ami:
        a = ami.send_action({"Action": "A", "ActionID": "a"})
        b = await ami.actions({"Action": "B"})
        await switch.send(listed({"ActionID": "a"}, [{"Event": "Item", "Of": "A"}], "AComplete"))
        assert [item["Of"] for item in b] == ["B"]
        assert [message.of for message in await a] == ["", "A", ""]


async def test_an_originate_is_always_async(switch: FakeSwitch) -> None:
    async with client(switch) as ami:
        await ami.action({"Action": "originate", "Channel": "Local/1@x", "async": "false"})
    [sent] = switch.asked("originate")
    assert [value for key, value in sent.items() if key.lower() == "async"] == ["true"]


async def test_listeners_are_registered_by_pattern_as_in_panoramisk(switch: FakeSwitch) -> None:
    seen = []
    done = asyncio.Event()
    ami = client(switch)

    @ami.register_event("Queue*")  # type: ignore[untyped-decorator]
    async def on_queue(source: Ami, event: Mapping[str, str]) -> None:
        assert source is ami
        await asyncio.sleep(0)
        seen.append(event["number"])

    ami.register_event("End", lambda *_: done.set())
    async with ami:
        numbers = b"".join(frame(Event="QueueX", Number=n) for n in range(50))
        await switch.send(frame(Event="Other") + numbers + frame(Event="End"))
        async with asyncio.timeout(5):
            await done.wait()
    assert seen == [str(n) for n in range(50)]


async def test_a_listener_that_raises_costs_neither_link_nor_events(
    switch: FakeSwitch, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    ami = client(switch, heard)
    ami.register_event("Bad", lambda *_: 1 / 0)
    async with ami:
        await switch.send(frame(Event="Bad") + frame(Event="Good"))
        assert await heard.until(3) == ["up", "Bad", "Good"]
        assert ami.connected
    assert "a listener to AMI events failed" in caplog.text


async def test_frames_that_are_not_trusted_are_counted_and_logged_once(
    switch: FakeSwitch, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    async with client(switch, heard) as ami:
        bad = b"Event: Newchannel\r\nUniqueid: 1\r\nUniqueid: 2\r\n\r\n"
        await switch.send(bad * 5 + frame(Event="Good"))
        await switch.send(bad * 5 + frame(Event="Good"))
        assert await heard.until(3) == ["up", "Good", "Good"]
        assert ami.dropped_frames == 10
    assert caplog.text.count("dropped as not from Asterisk") == 1


async def test_chinese_cut_in_the_middle_of_a_character_arrives_whole(switch: FakeSwitch) -> None:
    got: asyncio.Queue[str] = asyncio.Queue()
    ami = client(switch)
    ami.register_event("Name", lambda _, event: got.put_nowait(event["Queue"]))
    async with ami:
        for byte in frame(Event="Name", Queue="客服队列一号"):
            await switch.send(bytes([byte]))
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert await got.get() == "客服队列一号"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Value", "x\r\nAction: Originate"),
        ("Value", "x\ny"),
        ("Value", "x\ry"),
        ("Value", "x\0"),
        ("Va\r\nlue", "x"),
        ("Va: lue", "x"),
        ("", "x"),
        ("Value", "x" * 1000),
        ("Value", "客" * 400),
    ],
)
async def test_a_header_that_asterisk_would_misread_is_refused(
    switch: FakeSwitch, key: str, value: str
) -> None:
    async with client(switch) as ami:
        with pytest.raises(AmiRefused, match="header"):
            await ami.action({"Action": "Setvar", key: value})
        with pytest.raises(AmiRefused, match="header"):
            await ami.send_action({"Action": "Setvar", key: ["fine", value]})
    assert switch.asked("Setvar") == []


def test_more_headers_than_asterisk_takes_are_refused() -> None:
    check({f"K{n}": "v" for n in range(120)})
    with pytest.raises(AmiRefused, match="121 headers"):
        check({f"K{n}": "v" for n in range(121)})


def test_a_secret_with_a_line_break_is_refused_before_it_is_sent() -> None:
    with pytest.raises(AmiRefused) as refused:
        Ami("127.0.0.1", 1, "ivr", "hidden\r\nAction: x")
    assert "hidden" not in str(refused.value)


async def test_no_answer_in_time_is_a_timeout_and_the_link_stays(switch: FakeSwitch) -> None:
    switch.answers["Slow"] = silence
    async with client(switch, pace=QUICK) as ami:
        with pytest.raises(AmiTimeout, match=r"no answer to Slow in 0\.3 s"):
            await ami.action({"Action": "Slow"})
        await switch.send(success({"ActionID": switch.asked("Slow")[0]["ActionID"]}))
        assert await ami.action({"Action": "Ping"})
        assert switch.connections == 1


async def test_an_action_nobody_waits_for_any_more_is_forgotten(switch: FakeSwitch) -> None:
    switch.answers["Slow"] = silence
    async with client(switch) as ami:
        for _ in range(UNANSWERED_LIMIT + 1):
            asked = ami.send_action({"Action": "Slow"})
            asked.cancel()
            await asyncio.sleep(0)
        assert (await ami.action({"Action": "Ping"}))["Ping"] == "Pong"


async def test_actions_without_answer_are_bounded(switch: FakeSwitch) -> None:
    switch.answers["Slow"] = silence
    async with client(switch) as ami:
        waiting = [ami.send_action({"Action": "Slow"}) for _ in range(UNANSWERED_LIMIT)]
        with pytest.raises(AmiRefused, match="too many"):
            _ = ami.send_action({"Action": "Slow"})
    assert all(isinstance(future.exception(), AmiLost) for future in waiting)


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


async def test_twenty_thousand_events_arrive_in_order_without_growth(switch: FakeSwitch) -> None:
    numbers: list[int] = []
    most = 0
    done = asyncio.Event()

    def on_event(event: dict[str, str]) -> None:
        nonlocal most
        numbers.append(int(event["CallsTaken"]))
        most = max(most, len(ami._inbox._letters))
        if len(numbers) == 20_000:
            done.set()

    ami = Ami("127.0.0.1", switch.port, "ivr", "right", on_event=on_event)
    blob = {f"Header{n}": "some value" for n in range(16)}
    async with ami:
        for first in range(0, 20_000, 100):
            some = range(first, first + 100)
            await switch.send(
                b"".join(frame(Event="QueueMemberStatus", CallsTaken=n, **blob) for n in some)
            )
        async with asyncio.timeout(20):
            await done.wait()
        assert switch.connections == 1
    assert numbers == list(range(20_000))
    assert most < 2_000


async def test_listeners_that_fall_behind_lose_the_link_not_the_memory(switch: FakeSwitch) -> None:
    gate = asyncio.Event()
    heard = Heard()
    most = 0

    async def slow(event: dict[str, str]) -> None:
        await gate.wait()
        heard.event(event)

    ami = Ami(
        "127.0.0.1",
        switch.port,
        "ivr",
        "right",
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


def test_every_fault_is_of_this_house() -> None:
    assert issubclass(AmiDenied, AmiRefused)
    assert all(issubclass(fault, AmiError) for fault in (AmiLost, AmiTimeout, AmiRefused))
    assert issubclass(AmiError, IvrError)


async def test_secrets_are_not_logged(switch: FakeSwitch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with client(switch):
        pass
    assert "Login" in caplog.text
    assert "right" not in caplog.text
