"""Whole calls over a real socket: the shipped hotline, hang-ups and faults at every command."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from ivr.agi.connection import Connection
from ivr.flow.caller import Caller
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.flow.services import Found
from ivr.flow.session import Session
from ivr.flow.unwinding import Trouble
from ivr.line.channel import ChannelLine
from ivr.line.ports import BackEnds
from ivr.line.world import World, drive
from tests import stage
from tests.fake_asterisk import FakeAsterisk
from tests.flow.given import BALANCE
from tests.line.switch import HANG_UP, SILENCE, Channel, serving, speaking
from tests.stage import Clock, Ledger, load, path

# Yue, the balance, slower in mid-sentence, an agent, who answers.
TO_AN_AGENT = ("2", "1", "*@1500", "0", SILENCE)
TIMEOUT = {"QUEUESTATUS": "TIMEOUT"}
ANSWERED = {"QUEUESTATUS": "CONTINUE", "MEMBERNAME": "1001"}

shipped = cache(stage.shipped)


@dataclass
class Hotline:
    """A flow served on a socket; `records` are those of the calls that are over."""

    port: int
    records: asyncio.Queue[CallRecord] = field(default_factory=asyncio.Queue)
    faults: list[Exception] = field(default_factory=list)

    async def call(self, answer: Callable[[str], str | None]) -> tuple[CallRecord, FakeAsterisk]:
        """Let a caller through to the end of her call."""
        async with FakeAsterisk(self.port, answer=answer) as switch:
            await switch.finished()
        return await self.records.get(), switch


@contextlib.asynccontextmanager
async def hotline(
    folder: Path,
    project: Project | None = None,
    flow: str = "hotline",
    caller: str = "13800138000",
    ledger: BackEnds | None = None,
) -> AsyncIterator[Hotline]:
    """Serve a flow; afterwards no call and no task may be left."""
    before = asyncio.all_tasks()

    async def serve(connection: Connection) -> None:
        clock = Clock()
        who = Caller(connection.name, caller, "10086")
        session = Session(project or shipped(), flow, who, clock())
        line = ChannelLine(connection, speaker, folder, connection.name)
        try:
            await line.open()
            await drive(session, World(line, ledger or Ledger(BALANCE)), clock)
        except Trouble as fault:
            there.faults.append(fault)
        finally:
            session.hang_up(clock())
            there.records.put_nowait(session.record)

    async with speaking(folder) as speaker, serving(serve) as port:
        there = Hotline(port)
        yield there
    assert asyncio.all_tasks() == before


async def test_a_caller_hears_her_balance_slower_and_reaches_an_agent(tmp_path: Path) -> None:
    channel = Channel(*TO_AN_AGENT, queue=ANSWERED)
    async with hotline(tmp_path) as there:
        record, _ = await there.call(channel)
    assert (record.outcome, record.language, record.speed) == ("answered", "yue", "90%")
    assert record.why.endswith("served by 1001")
    assert channel.variables["IVR_DONE"] == "1"
    assert path(record) == [
        "welcome",
        "notices",
        "menu",
        "balance",
        "own_balance",
        "tell_balance",
        "agent",
        "connecting",
        "queue",
        "rate_us",
        "survey/mark",
        "survey/done",
    ]
    first, second = (heard for heard in record.heard if heard.prompt == "your_balance")
    # At 1.4 s 四毫半 has begun, her fourth clip: with it she is told more slowly.
    assert first.text == "你嘅話費餘額係一百二十三蚊四毫半"
    assert (first.finished, first.cut_at, first.speed) == (False, 3, "100%")
    assert second.text.startswith("四毫半") and second.speed == "90%"
    assert "".join(press.key for press in record.keys) == "21*0"


async def test_a_caller_without_a_number_types_it_and_leaves_a_message(tmp_path: Path) -> None:
    ledger = Ledger(BALANCE)
    moments = ("1", "1", "13800138000", "1", SILENCE, "0", SILENCE)
    async with hotline(tmp_path, caller="", ledger=ledger) as there:
        record, switch = await there.call(Channel(*moments, queue=TIMEOUT))
    assert ledger.asked == [("billing.balance", {"number": "13800138000"})]
    assert path(record)[-4:] == ["call_back", "message", "thanks", "bye"]
    assert record.outcome == "finished"
    assert "${SET(IVR_DONE=1):9999}${SET(IVR_KEYS_2=):9999}" in switch.commands[-1]


@pytest.mark.parametrize("command", range(4, 19))
async def test_keys_typed_ahead_lead_on_wherever_they_come(tmp_path: Path, command: int) -> None:
    # The welcome in three languages, and the silence after it, take the first fifteen commands.
    async with hotline(tmp_path) as there:
        record, _ = await there.call(Channel(before={command: "21"}, queue=ANSWERED))
    assert path(record)[:5] == ["welcome", "notices", "menu", "balance", "own_balance"]
    assert [press.key for press in record.keys] == ["2", "1"]
    assert record.language == "yue"


async def test_keys_typed_while_a_back_end_is_asked_count_afterwards(tmp_path: Path) -> None:
    channel = Channel("1", "1", queue=ANSWERED)

    class Typing(Ledger):
        async def look_up(self, name: str, arguments: Mapping[str, str], key: str) -> Found:
            channel.press("#0")
            return BALANCE

    async with hotline(tmp_path, ledger=Typing(BALANCE)) as there:
        record, _ = await there.call(channel)
    assert (record.speed, record.outcome) == ("120%", "answered")
    assert path(record)[5:7] == ["tell_balance", "agent"]


async def test_secret_digits_of_a_whole_call_are_in_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    flow = """
        flow: f
        languages: [cmn]
        start: pin
        nodes:
          pin: {collect: ask, digits: 4-12, into: pin, go: hello, otherwise: bye, secret: true}
          hello: {say: hello, go: bye}
          bye: hangup
        """
    async with hotline(tmp_path, load(flow), "f") as there:
        record, _ = await there.call(Channel("4809", "13", "57#", SILENCE))
    assert path(record) == ["pin", "hello", "bye"]
    written = caplog.text + record.model_dump_json()
    assert "IVR_DONE=1" in written
    for part in ("4809", "8091", "0913", "9135", "1357"):
        assert part not in written


class Ending:
    """A channel whose caller hangs up in the so manieth command, before or after its reply."""

    def __init__(self, command: int, word: str) -> None:
        self.channel = Channel(*TO_AN_AGENT, queue=ANSWERED)
        self.left, self.word = command, word

    def __call__(self, line: str) -> str:
        reply = self.channel(line)
        self.left -= 1
        self.channel.gone |= not self.left
        return reply if self.left else self.word.format(reply)


@pytest.mark.parametrize("word", ["{}\nHANGUP", "HANGUP\n{}"])
async def test_a_caller_may_hang_up_at_every_command(tmp_path: Path, word: str) -> None:
    async with hotline(tmp_path) as there:
        whole, switch = await there.call(Channel(*TO_AN_AGENT, queue=ANSWERED))
        assert len(switch.commands) > 20
        for n in range(1, len(switch.commands) + 1):
            record, _ = await there.call(Ending(n, word))
            assert record.ended is not None, n
            assert record.outcome in ("abandoned", "answered", "finished"), n
            assert path(record) == path(whole)[: len(record.path)], n
            assert all(step.left for step in record.path), n
    assert there.faults == []


async def test_a_caller_may_hang_up_during_every_sound(tmp_path: Path) -> None:
    async with hotline(tmp_path) as there:
        for n in range(len(TO_AN_AGENT)):
            channel = Channel(*TO_AN_AGENT[:n], HANG_UP, queue=ANSWERED)
            record, _ = await there.call(channel)
            assert record.outcome == "abandoned", n
            assert "the caller hung up" in record.why, n
            assert len(channel.played) == n + 1


def until(command: int) -> Callable[[str], str | None]:
    """A channel that leaves the so manieth command and all later ones without a reply."""
    channel, left = Channel(*TO_AN_AGENT, queue=ANSWERED), iter(range(command - 1))
    return lambda line: None if next(left, None) is None else channel(line)


async def test_the_switch_may_go_away_in_every_command(tmp_path: Path) -> None:
    async with hotline(tmp_path) as there:
        _, whole = await there.call(Channel(*TO_AN_AGENT, queue=ANSWERED))
        for n in range(1, len(whole.commands) + 1):
            async with FakeAsterisk(there.port, answer=until(n)) as switch:
                await switch.asked(times=n)
                await switch.cut()
            record = await asyncio.wait_for(there.records.get(), 10)
            assert record.ended is not None and record.outcome != "failed", n
    assert there.faults == []


@pytest.mark.parametrize(
    "reply",
    [
        "510 Invalid or unknown command",
        "520-Invalid command syntax.  Proper usage follows:\nUsage\n520 End of proper usage.",
        "200 result=-1",
        "200 result=-2",
        "200 result=0",
        "200 result=1 (||||||)",
        "200 result=1 (USERSTOPPED|-1|)",
        "200 result=1 (ERROR|0|)",
    ],
)
async def test_a_switch_that_refuses_everything_ends_in_a_closed_record(
    tmp_path: Path, reply: str
) -> None:
    async with hotline(tmp_path) as there:
        record, _ = await asyncio.wait_for(there.call(lambda line: reply), 20)
    assert record.ended is not None
    assert record.outcome in ("finished", "failed", "answered")


@pytest.mark.parametrize("command", ["RECORD", "EXEC Queue", "GOSUB keys-kept", "ANSWER", "SET"])
@pytest.mark.parametrize("reply", ["510 Invalid or unknown command", "200 result=-1"])
async def test_one_command_refused_leaves_the_caller_a_way_on(
    tmp_path: Path, command: str, reply: str
) -> None:
    channel = Channel("1", "0")

    def answer(line: str) -> str:
        return reply if line.startswith(command) else channel(line)

    async with hotline(tmp_path) as there:
        record, _ = await there.call(answer)
    assert record.ended is not None
    assert "queue" in path(record)
