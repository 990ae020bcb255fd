"""A call served: the way to the record, her choices, and what her agents do meanwhile."""

import asyncio
import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.agi.connection import Connection
from ivr.desk.ledger import Ledger, Sums
from ivr.serving.closing import BOOK_KEEPING
from ivr.wire import agi
from tests.fake_asterisk import FakeAsterisk, words
from tests.leading import FLOW, VOICEMAIL, a_controller
from tests.line.switch import Channel
from tests.stage import path
from tests.until import until


async def test_a_call_becomes_a_record_when_it_is_over(tmp_path: Path) -> None:
    said = {"uniqueid": "1795000000.7", "extension": "10086"}
    async with a_controller(tmp_path) as (port, book):
        channel = Channel("1")
        switch = FakeAsterisk(
            port, caller="+8613800138000", script="f", variables=said, answer=channel
        )
        async with switch:
            await switch.asked("EXEC ExecIf")
            await switch.finished()
        record = await book.find("1795000000.7")
    assert record is not None
    assert (record.caller, record.called, record.flow) == ("13800138000", "10086", "f")
    assert (record.outcome, path(record)) == ("finished", ["menu", "hello", "bye"])
    assert record.started <= record.path[0].entered
    assert channel.variables["IVR_DONE"] == "1"


async def test_a_caller_who_was_passed_on_goes_on_in_a_part_of_its_own(tmp_path: Path) -> None:
    said = {"uniqueid": "1795000000.7", "extension": "801", "context": "passing-on"}
    channel = Channel("1")
    channel.variables |= {
        "IVR_CALL": "1795000000.7-2",
        "IVR_FROM": "1001",
        "IVR_LANGUAGE": "yue",
        "IVR_PATH": "menu>queue",
    }
    async with a_controller(tmp_path) as (port, book):
        async with FakeAsterisk(port, script="f", variables=said, answer=channel) as switch:
            await switch.asked("EXEC ExecIf")
            assert book.live("1795000000.7") is not None
            await switch.finished()
        record = await book.find("1795000000.7-3")
    assert record is not None
    assert (record.after, record.passed_by) == ("1795000000.7-2", "1001")
    assert channel.variables["__IVR_CALL"] == record.id
    assert (record.called, record.language) == ("801", "yue")


async def test_a_caller_whom_an_agent_sends_is_led_and_the_agent_is_told(tmp_path: Path) -> None:
    said = {"uniqueid": "1795000000.7", "extension": "*71", "context": "sending"}
    channel = Channel("1")
    channel.variables |= {"IVR_CALL": "1795000000.7", "IVR_FROM": "1001", "IVR_LANGUAGE": "en"}
    told = asyncio.Queue[tuple[str, str]]()

    async def tell(agent: str, text: str) -> bool:
        told.put_nowait((agent, text))
        return True

    flow = "flow: f\nlanguages: [en]\nstart: a\nnodes: {a: {say: hello}}\n"
    async with a_controller(tmp_path, flow, tell=tell) as (port, book):
        async with FakeAsterisk(port, script="f", variables=said, answer=channel) as switch:
            await switch.finished()
        assert await told.get() == ("1001", "13800138000, f: done")
        record = await book.find("1795000000.7-2")
    assert record is not None
    assert (record.after, record.called) == ("1795000000.7", "*71")
    assert (channel.variables["IVR_SENT"], channel.variables["IVR_DONE"]) == ("done", "1")


async def test_what_an_agent_dials_for_herself_is_served_beside_and_is_no_call(
    tmp_path: Path,
) -> None:
    async def errand(connection: Connection) -> None:
        await connection.command(agi.answer())

    said = {"uniqueid": "1795000000.8", "extension": "*47"}
    async with a_controller(tmp_path, errands={"desk": errand}) as (port, book):
        async with FakeAsterisk(port, script="agent/desk", variables=said) as switch:
            await switch.asked("ANSWER")
            await switch.finished()
        async with FakeAsterisk(port, script="agent/lunch", variables=said) as switch:
            await switch.finished()
        assert await book.find("1795000000.8") is None


async def test_who_waits_after_she_was_passed_on_is_counted_once(tmp_path: Path) -> None:
    flow = FLOW.replace("menu: {menu: ask, keys: {1: hello}, otherwise: bye}", "menu: {QUEUE}")
    flow = flow.replace("{QUEUE}", "{queue: desk, unanswered: hello}")
    said = {"uniqueid": "1795000000.7", "extension": "801", "context": "passing-on"}
    channel = Channel(queue={"QUEUESTATUS": "CONTINUE", "MEMBERNAME": "Li Na"})
    channel.variables |= {"IVR_CALL": "1795000000.7", "IVR_FROM": "1001"}
    ledger = Ledger(["desk"])
    async with (
        a_controller(tmp_path, flow, ledger) as (port, _),
        FakeAsterisk(port, script="f", variables=said, answer=channel) as switch,
    ):
        await switch.finished()
    # The switch tells of her channel, whatever our record is called.
    joined = {"Event": "QueueCallerJoin", "Queue": "desk", "Uniqueid": "1795000000.7"}
    ledger.apply(joined, datetime.now(UTC))
    assert ledger.sums()["desk"] == Sums(offered=1, answered=1)


async def test_no_caller_waits_in_silence_for_a_database_that_is_locked(tmp_path: Path) -> None:
    async with a_controller(tmp_path) as (port, book):
        said = {"uniqueid": "1.7"}
        switch = FakeAsterisk(port, script="f", variables=said, answer=Channel("1"))
        with sqlite3.connect(tmp_path / "calls.db", isolation_level=None) as other:
            other.execute("begin exclusive")
            async with switch, asyncio.timeout(BOOK_KEEPING + 0.5):
                await switch.finished()
            other.execute("rollback")
        await until(lambda: book.live("1.7") is None, within=10)
        record = await book.find("1.7")
    assert record is not None and record.outcome == "finished"


async def test_an_id_that_is_a_path_leads_no_recording_elsewhere(tmp_path: Path) -> None:
    async with a_controller(tmp_path, VOICEMAIL) as (port, _):
        said = {"uniqueid": "../../1.7"}
        async with FakeAsterisk(port, script="f", variables=said, answer=Channel()) as switch:
            await switch.finished()
    (recording,) = (words(line)[2] for line in switch.commands if line.startswith("RECORD"))
    assert Path(recording).parent == tmp_path and ".." not in Path(recording).parts


SPOKEN = """
flow: f
languages: [cmn, yue, en]
speeds: [75%]
start: welcome
anywhere: {"*": slower}
nodes:
  welcome: {language: ask, keys: {1: cmn, 2: yue}, go: hello}
  hello: {say: hello, go: bye}
  bye: hangup
"""


async def test_a_caller_is_spoken_to_as_she_chose_in_her_last_call(tmp_path: Path) -> None:
    async with a_controller(tmp_path, SPOKEN) as (port, book):
        for number, moments in enumerate((["*", "2"], [])):
            said = {"uniqueid": f"call.{number}"}
            channel = Channel(*moments)
            async with FakeAsterisk(port, script="f", variables=said, answer=channel) as switch:
                await switch.finished()
        second, first = await book.latest(10)
    assert (first.language, first.speed, path(first)[0]) == ("yue", "75%", "welcome")
    assert (second.language, second.speed) == ("yue", "75%")
    assert [heard.prompt for heard in second.heard] == ["hello"]


async def test_a_call_that_lasts_is_in_the_book(tmp_path: Path) -> None:
    async with a_controller(tmp_path) as (port, book):
        switch = FakeAsterisk(port, script="f", answer={"EXEC ExecIf": None})
        async with switch:
            await switch.asked("EXEC ExecIf")
            (record,) = await book.latest(10)
            assert (record.ended, path(record)) == (None, ["menu"])
            await switch.hang_up()
            await switch.finished()
        (record,) = await book.latest(10)
    assert record.why == "the caller hung up in 'menu'"


@pytest.mark.parametrize("command", ["ANSWER", "GET FULL VARIABLE", "GOSUB keys-kept"])
async def test_a_caller_who_goes_before_the_first_word_has_a_record(
    tmp_path: Path, command: str
) -> None:
    async with a_controller(tmp_path) as (port, book):
        async with FakeAsterisk(port, script="f", answer={command: None}) as switch:
            await switch.asked(command)
            await switch.hang_up()
            await switch.finished()
        (record,) = await book.latest(10)
    assert record.ended is not None
    assert record.outcome == "abandoned"


async def test_a_flow_there_is_none_of_is_left_to_the_dialplan(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_controller(tmp_path) as (port, book):
        async with FakeAsterisk(port, script="hotlin") as switch:
            await switch.finished()
        assert switch.commands == ["SET VARIABLE IVR_DONE fault"]
        assert await book.latest(10) == []
    assert "the dialplan asks for flow 'hotlin'" in caplog.text


async def test_many_calls_at_once_disturb_one_another_in_nothing(tmp_path: Path) -> None:
    chance = random.Random(1)

    async def call(port: int, n: int) -> None:
        moments = [chance.choice(["-", "1", "5", "hang up"]) for _ in range(4)]
        said = {"uniqueid": f"call.{n}"}
        switch = FakeAsterisk(port, script="f", variables=said, answer=Channel(*moments))
        async with switch:
            await switch.finished()

    async with a_controller(tmp_path) as (port, book):
        await asyncio.gather(*(call(port, n) for n in range(40)))
        records = await book.latest(100)
    assert {record.id for record in records} == {f"call.{n}" for n in range(40)}
    assert {record.outcome for record in records} <= {"finished", "abandoned"}
