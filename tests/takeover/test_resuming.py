"""A call that a controller has left, led on by another from what is on its channel."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from ivr.agi.server import Server
from ivr.flow.caller import Caller
from ivr.flow.journal import Journal
from ivr.flow.opening import Opening
from ivr.takeover.resuming import Kept
from tests.fake_asterisk import FakeAsterisk
from tests.leading import VOICEMAIL, a_controller
from tests.line.switch import Channel, Serve
from tests.stage import START, load, path
from tests.until import until

FLOW = """
flow: f
languages: [cmn, yue, en]
speeds: [75%]
start: welcome
anywhere: {"*": slower}
nodes:
  welcome: {language: ask, keys: {1: cmn, 2: yue, 3: en}, go: menu}
  menu: {menu: hello, keys: {1: account, 2: desk}, otherwise: bye}
  account: {collect: ask, digits: 4, into: account, go: bye, otherwise: bye}
  desk: {queue: desk, unanswered: bye, answered: account}
  bye: hangup
"""


class Nowhere:
    """A line on whose channel nothing is kept."""

    def keep(self, texts: Mapping[int, str]) -> None:
        pass

    def keep_waiting(self, texts: Sequence[str]) -> None:
        pass


class Dies:
    """A channel whose controller dies at the so manieth command that begins so.

    The switch does that to its end; what it answers reaches nobody.
    """

    def __init__(self, channel: Channel, beginning: str, number: int) -> None:
        self.channel, self.beginning, self.left = channel, beginning, number

    def __call__(self, line: str) -> str | None:
        answer = self.channel(line)
        self.left -= line.startswith(self.beginning)
        return answer if self.left > 0 else None


async def dies(folder: Path, flow: str, channel: Channel, beginning: str, number: int) -> None:
    """Lead a call until it does, and keep no record of it, as a controller that was killed."""
    said = {"uniqueid": "1.7", "extension": "10086"}
    until_then = Dies(channel, beginning, number)
    async with a_controller(folder, flow) as (port, book):
        async with FakeAsterisk(port, script="f", variables=said, answer=until_then) as switch:
            await until(lambda: until_then.left <= 0)
            await switch.cut()
        await until(lambda: book.live("1.7") is None)
    with sqlite3.connect(folder / "calls.db") as records:
        records.execute("update calls set ended = null, outcome = '', why = '', detail = '{}'")
        records.execute("delete from waits")
    records.close()


async def goes_on(
    folder: Path, flow: str, channel: Channel, at: str | None = None
) -> tuple[FakeAsterisk, dict[str, object]]:
    """Lead it on to its end; return the switch's side, and its record."""
    at = channel.variables["IVR_AT"] if at is None else at
    said = {"uniqueid": "1.7", "extension": "10086", "arg_2": at}
    async with a_controller(folder, flow) as (port, book):
        async with FakeAsterisk(port, script="f", variables=said, answer=channel) as switch:
            await switch.finished()
        record = await book.find("1.7")
        assert record is not None and record.ended is not None
        assert [each.id for each in await book.latest(10)] == ["1.7"]
    return switch, json.loads(record.model_dump_json()) | {"nodes": path(record)}


async def test_what_was_played_to_its_end_is_not_played_again(tmp_path: Path) -> None:
    channel = Channel("3", "-", "2", "-")
    await dies(tmp_path, FLOW, channel, "EXEC ExecIf", 2)
    channel.press("1")
    switch, record = await goes_on(tmp_path, FLOW, channel)
    assert record["nodes"] == ["welcome", "menu", "account", "bye"]
    assert record["language"] == "en"
    assert channel.variables["IVR_DONE"] == "1"
    assert not [line for line in switch.commands if line.startswith(("ANSWER", "GOSUB keys-kept"))]


async def test_keys_that_were_typed_before_and_after_are_all_there(tmp_path: Path) -> None:
    channel = Channel("3", "1", "12")
    await dies(tmp_path, FLOW, channel, "EXEC ExecIf", 3)
    channel.press("34")
    _, record = await goes_on(tmp_path, FLOW, channel)
    assert record["nodes"] == ["welcome", "menu", "account", "bye"]
    keys = record["keys"]
    assert isinstance(keys, list) and "".join(key["key"] for key in keys) == "311234"


async def test_her_speed_and_the_word_she_was_at_stay(tmp_path: Path) -> None:
    channel = Channel("3", "*@80", "1")
    await dies(tmp_path, FLOW, channel, "GET FULL", 3)
    _, record = await goes_on(tmp_path, FLOW, channel)
    assert (record["speed"], record["nodes"]) == (
        "75%",
        ["welcome", "menu", "account", "bye"],
    )


async def test_who_has_waited_and_talked_meanwhile_waits_for_nobody_again(tmp_path: Path) -> None:
    queue = {"QUEUESTATUS": "CONTINUE", "MEMBERNAME": "Li Na", "ANSWEREDTIME_MS": "61250"}
    channel = Channel("3", "2", "1234", queue=queue)
    await dies(tmp_path, FLOW, channel, "EXEC Queue", 1)
    switch, record = await goes_on(tmp_path, FLOW, channel)
    assert not [line for line in switch.commands if line.startswith("EXEC Queue")]
    assert record["nodes"] == ["welcome", "menu", "desk", "account", "bye"]
    assert record["outcome"] == "answered"
    # Her keys are kept again.
    assert any(line.startswith("GOSUB keys-kept") for line in switch.commands)


async def test_who_has_not_come_to_the_queue_yet_is_brought_there(tmp_path: Path) -> None:
    channel = Channel("3", "2", "1234", queue={"QUEUESTATUS": "TIMEOUT"})
    await dies(tmp_path, FLOW, channel, "EXEC TryExec", 1)
    switch, record = await goes_on(tmp_path, FLOW, channel)
    assert any(line.startswith("EXEC Queue") for line in switch.commands)
    assert record["nodes"] == ["welcome", "menu", "desk", "bye"]


@pytest.mark.parametrize(("size", "goes"), [(16000 * 6, "left"), (0, "silent")])
async def test_a_message_that_was_left_meanwhile_is_there(
    tmp_path: Path, size: int, goes: str
) -> None:
    flow = VOICEMAIL.replace("silent: bye", "silent: none")
    flow += "  none: {say: ask, go: bye}\n"
    channel = Channel("-", "-")
    await dies(tmp_path, flow, channel, "RECORD", 1)
    (tmp_path / "1.7-1.wav").write_bytes(bytes(size))
    channel.press("#")
    switch, record = await goes_on(tmp_path, flow, channel)
    assert not [line for line in switch.commands if line.startswith("RECORD")]
    assert record["nodes"] == ["message", *(["none"] if goes == "silent" else []), "bye"]


async def test_a_message_that_the_switch_had_not_begun_is_recorded(tmp_path: Path) -> None:
    flow = VOICEMAIL.replace("silent: bye", "silent: none")
    flow += "  none: {say: ask, go: bye}\n"
    channel = Channel("-", "-")
    # It is written down that she is recorded, and then the command to do so comes to nobody.
    await dies(tmp_path, flow, channel, "RECORD", 1)
    switch, record = await goes_on(tmp_path, flow, channel)
    assert [line.split()[2] for line in switch.commands if line.startswith("RECORD")] == [
        str(tmp_path / "1.7-2")
    ]
    assert record["nodes"] == ["message", "bye"]


async def test_a_key_behind_a_message_answers_what_follows(tmp_path: Path) -> None:
    flow = VOICEMAIL.replace("go: bye", "go: well")
    flow += "  well: {menu: hello, keys: {1: thanks}, otherwise: bye}\n"
    flow += "  thanks: {say: ask, go: bye}\n"
    channel = Channel("-", "-")
    await dies(tmp_path, flow, channel, "RECORD", 1)
    (tmp_path / "1.7-1.wav").write_bytes(bytes(160_000))
    channel.press("2#1")
    _, record = await goes_on(tmp_path, flow, channel)
    assert record["nodes"] == ["message", "well", "thanks", "bye"]


@pytest.mark.parametrize("spoilt", ["IVR_J1_0", "IVR_J1_1"])
async def test_what_nobody_can_read_begins_anew(
    tmp_path: Path, spoilt: str, caplog: pytest.LogCaptureFixture
) -> None:
    channel = Channel("3", "-")
    await dies(tmp_path, FLOW, channel, "EXEC ExecIf", 2)
    channel.variables[spoilt] = "rubbish"
    channel._moments.extend(["1", "1", "1234"])
    _, record = await goes_on(tmp_path, FLOW, channel)
    assert record["nodes"] == ["welcome", "menu", "account", "bye"]
    assert "begins anew" in caplog.text or "is known to have been" in caplog.text


async def test_a_call_that_is_let_go_has_no_end_here_and_goes_on_elsewhere(tmp_path: Path) -> None:
    channel = Channel("3", "-", "1", "1234")
    said = {"uniqueid": "1.7", "extension": "10086"}
    stops = Dies(channel, "EXEC ExecIf", 2)
    servers: list[Server] = []

    def made(serve: Serve) -> Server:
        servers.append(Server(serve))
        return servers[-1]

    async with a_controller(tmp_path, FLOW, made=made) as (port, book):
        async with FakeAsterisk(port, script="f", variables=said, answer=stops) as switch:
            await until(lambda: stops.left <= 0)
            await servers[0].let_go(timedelta(seconds=20))
            await switch.finished()
        await until(lambda: book.live("1.7") is None)
    with closing(sqlite3.connect(tmp_path / "calls.db")) as records:
        assert records.execute("select ended from calls").fetchall() == [(None,)]
    _, led = await goes_on(tmp_path, FLOW, channel)
    assert led["nodes"] == ["welcome", "menu", "account", "bye"]


def test_a_walk_that_is_let_go_ends_no_call_however_it_ends() -> None:
    opening = Opening("f", "v1", Caller("1.7", "13800138000", "10086"), START)
    ends: list[Callable[[Kept], None]] = [
        lambda walk: walk.hang_up(START),
        lambda walk: walk.fail(START, ValueError()),
        lambda walk: walk.pass_on(START, "801", "1001"),
    ]
    for end in ends:
        for is_let_go in (False, True):
            walk = Kept(Journal.begin(opening, load(FLOW)), Nowhere(), partial(bool, is_let_go))
            walk.begin(START)
            end(walk)
            assert walk.session.ended is not is_let_go


async def test_a_place_that_is_none_is_a_call_that_begins(tmp_path: Path) -> None:
    channel = Channel("3", "9", "9", "9")
    switch, record = await goes_on(tmp_path, FLOW, channel, at="")
    assert record["nodes"] == ["welcome", "menu", "bye"]
    assert "ANSWER" in switch.commands
