"""The link to the switch over real sockets: actions, their answers, and events."""

import asyncio
import logging
from collections.abc import Mapping

import pytest

from ivr.desk.ami import Ami, AmiDenied, AmiError, AmiLost, AmiRefused, AmiTimeout
from ivr.desk.faults import check
from ivr.desk.link import Login
from ivr.desk.protocol import UNANSWERED_LIMIT
from ivr.errors import IvrError
from tests.desk.fake_switch import FakeSwitch, frame, listed, success
from tests.desk.links import QUICK, Heard, client, silence


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
        Ami(Login("127.0.0.1", 1, "ivr", "hidden\r\nAction: x"))
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

    ami = Ami(Login("127.0.0.1", switch.port, "ivr", "right"), on_event=on_event)
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
