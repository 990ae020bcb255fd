"""A supervisor's errand, on a small Asterisk: what she is let do, told, and written down."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.agents.supervising import Supervising
from ivr.agi.server import Server
from ivr.desk.call_files import CallFiles
from ivr.services.http import Services
from ivr.store.audit import Act, Audit
from ivr.store.database import Database
from ivr.switch.desk_files import parse
from ivr.versions.edition import Edition
from tests.fake_asterisk import FakeAsterisk
from tests.leading import Always, a_database
from tests.line.switch import speaking
from tests.stage import read

AGENTS = """
agents:
  1001: {name: Li Na}
  1002: {name: Ann}
  1009: {name: Boss, skills: {yue: 5, cmn: 1}, supervisor: true}
"""
PROMPTS = """
supervise_not_allowed: {cmn: 不行。, yue: 唔得。, en: No.}
supervise_nobody: {cmn: 没有。, yue: 冇。, en: Nobody.}
supervise_no_talk: {cmn: 没有。, yue: '{agent:digits}冇。', en: None.}
supervise_no_record: {cmn: 没有。, yue: 冇。, en: None.}
"""
FLOW = "flow: f\nlanguages: [cmn, yue, en]\nstart: bye\nnodes: {bye: hangup}"
TALKING = "PJSIP/1001-0000002a"


@dataclass
class Switch:
    """What the switch answers: channels that there are, and the keys that end each ChanSpy."""

    channels: str = TALKING
    keys: list[str] = field(default_factory=list)
    peer: str = "PJSIP/callers-00000001"
    asked: str = ""
    exten: str = "s"

    def __call__(self, line: str) -> str:
        if line.startswith("EXEC ChanSpy"):
            self.exten = self.keys.pop(0) if self.keys else "s"
        elif line.startswith("EXEC Goto"):
            self.exten = "s"
        if not (found := re.fullmatch(r'GET FULL VARIABLE "?(.*?)"?', line)):
            return "200 result=0"
        names = re.findall(r"\$\{([^}]*)\}", found[1])
        return f"200 result=1 ({'|'.join(map(self._value, names))})"

    def _value(self, name: str) -> str:
        known = {
            "EXTEN": self.exten,
            "IVR_ASKED": self.asked,
            "CHANNEL(audionativeformat)": "(g722)",
        }
        known |= {"CHANNELS(^PJSIP/1001-)": self.channels}
        known |= {f"IMPORT({TALKING},BRIDGEPEER)": self.peer, f"IMPORT({TALKING},IVR_CALL)": "c.1"}
        return known.get(name, "")


@dataclass
class Stage:
    """A controller that serves supervisors only, and its audit."""

    port: int
    audit: Audit
    database: Database
    stop: Callable[[], Awaitable[None]]

    async def dial(self, number: str, *, by: str = "1009", switch: Switch) -> list[str]:
        """Dial a code from an agent's phone; return what the controller has asked of the switch."""
        said = {"channel": f"PJSIP/{by}-00000007", "extension": number}
        script = "agent/supervise"
        async with FakeAsterisk(self.port, script=script, variables=said, answer=switch) as call:
            await call.finished()
            return call.commands

    async def acts(self) -> list[Act]:
        now = datetime.now(UTC)
        return await self.audit.acts(now - timedelta(hours=1), now + timedelta(hours=1))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with a_stage(tmp_path) as ready:
        yield ready


@asynccontextmanager
async def a_stage(folder: Path, prompts: str = PROMPTS) -> AsyncIterator[Stage]:
    desks, _ = parse(("d", "desks: {q: {members: [1001]}}"), ("a", AGENTS))
    assert desks is not None
    project, _ = read(FLOW, prompts=prompts)
    (folder / "spool/outgoing").mkdir(parents=True)
    async with (
        a_database(folder) as database,
        Services(project.services) as services,
        speaking(folder) as speaker,
    ):
        served = Always(Edition(project, speaker, services))
        audit = Audit(database)
        work = Supervising(audit, served, lambda: desks, CallFiles(folder / "spool"))
        server = Server(work.errand)
        try:
            port = await server.start("127.0.0.1", 0)
            yield Stage(port, audit, database, server.close)
        finally:
            await server.close()


def spied(commands: list[str]) -> list[str]:
    return [line.partition(" ChanSpy ")[2] for line in commands if " ChanSpy " in line]


def was_told(commands: list[str]) -> bool:
    return commands[-1].startswith("STREAM FILE")


async def test_each_key_begins_another_way_and_each_is_written_down(stage: Stage) -> None:
    commands = await stage.dial("*311001", switch=Switch(keys=["5", "6", "4"]))
    assert spied(commands) == [
        f"{TALKING},quESX",
        f"{TALKING},quESXw",
        f"{TALKING},quESXB",
        f"{TALKING},quESX",
    ]
    acts = list(reversed(await stage.acts()))
    assert [act.entry.what for act in acts] == ["listen", "whisper", "barge", "listen"]
    for act in acts:
        assert (act.entry.who, act.entry.whom, act.entry.call) == ("1009", "1001", "c.1")
        assert act.until is not None


@asynccontextmanager
async def listening(stage: Stage) -> AsyncIterator[FakeAsterisk]:
    """A supervisor in the midst of it."""
    said = {"channel": "PJSIP/1009-00000007", "extension": "*311001"}
    switch = Switch()

    def answer(line: str) -> str | None:
        return None if line.startswith("EXEC ChanSpy") else switch(line)

    script = "agent/supervise"
    async with FakeAsterisk(stage.port, script=script, variables=said, answer=answer) as call:
        await call.asked("EXEC ChanSpy")
        (act,) = await stage.acts()
        assert act.until is None
        yield call
        await call.finished()


async def test_when_she_hangs_up_it_is_over(stage: Stage) -> None:
    async with listening(stage) as call:
        await call.hang_up()
    (act,) = await stage.acts()
    assert act.until is not None


async def test_a_controller_that_goes_leaves_her_listening_and_the_entry_open(
    stage: Stage,
) -> None:
    async with listening(stage):
        await stage.stop()
    (act,) = await stage.acts()
    assert act.until is None


async def test_the_code_tells_in_which_way_it_begins(stage: Stage) -> None:
    assert spied(await stage.dial("*331001", switch=Switch())) == [f"{TALKING},quESXB"]


async def test_what_was_asked_for_over_http_is_named(stage: Stage) -> None:
    await stage.dial("*311001", switch=Switch(asked="12"))
    (act,) = await stage.acts()
    assert act.why == "asked for as 12"


@pytest.mark.parametrize(
    ("number", "by", "switch", "why"),
    [
        ("*311001", "1002", Switch(), "no supervisor"),
        ("*311001", "1001", Switch(), "no supervisor"),
        ("*311003", "1009", Switch(), "no such agent"),
        ("*31x", "1009", Switch(), "no such agent"),
        ("*311009", "1009", Switch(), "in no conversation"),
        ("*311001", "1009", Switch(channels=""), "in no conversation"),
        ("*311001", "1009", Switch(peer=""), "in no conversation"),
    ],
)
async def test_what_may_not_be_is_told_and_written_down(
    stage: Stage, number: str, by: str, switch: Switch, why: str
) -> None:
    commands = await stage.dial(number, by=by, switch=switch)
    assert not spied(commands) and was_told(commands)
    (act,) = await stage.acts()
    assert (act.entry.who, act.entry.outcome, act.why) == (by, "refused", why)


async def test_nobody_listens_when_it_cannot_be_written_down(stage: Stage) -> None:
    await stage.database.close()
    commands = await stage.dial("*311001", switch=Switch())
    assert not spied(commands) and was_told(commands)


async def test_a_version_without_the_words_says_nothing(tmp_path: Path) -> None:
    async with a_stage(tmp_path, "ask: {cmn: 一。, yue: 一。, en: One.}") as stage:
        commands = await stage.dial("*311001", by="1002", switch=Switch())
        assert not spied(commands) and not was_told(commands)
        assert len(await stage.acts()) == 1


async def test_a_ring_is_written_down_before_the_phone_rings(tmp_path: Path) -> None:
    async with a_database(tmp_path) as database:
        desks, _ = parse(("d", "desks: {q: {members: [1001]}}"), ("a", AGENTS))
        project, _ = read(FLOW)
        async with Services(project.services) as services, speaking(tmp_path) as speaker:
            assert desks is not None
            served, spool = Always(Edition(project, speaker, services)), tmp_path / "spool"
            (spool / "outgoing").mkdir(parents=True)
            work = Supervising(Audit(database), served, lambda: desks, CallFiles(spool))
            number = await work.ring("operator", "1009", "barge", "1001")
            (file,) = (spool / "outgoing").iterdir()
            assert f"Setvar: IVR_ASKED={number}" in file.read_text()
            now = datetime.now(UTC)
            (act,) = await Audit(database).acts(now - timedelta(hours=1), now + timedelta(hours=1))
            assert (act.entry.who, act.entry.outcome, act.why) == (
                "operator",
                "asked",
                "rings 1009",
            )
