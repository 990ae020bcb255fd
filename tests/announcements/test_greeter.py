"""The greeter: she hears who serves her if she was waiting, and no fault of ours reaches a call."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.announcements.greeter import Greeter
from ivr.desk.call_files import CallFiles
from ivr.flow.caller import Caller
from ivr.flow.effects import Queued
from ivr.flow.session import Session
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from tests.line.switch import Murmurs
from tests.stage import START, load, shipped

ID = "1795000000.1"
EVENT = {"Uniqueid": ID, "Interface": "PJSIP/1001"}
FLOW = """
flow: f
languages: [cmn, en]
start: agent
nodes:
  agent: {queue: desk, unanswered: bye}
  bye: hangup
"""


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    (tmp_path / "outgoing").mkdir()
    return tmp_path


@pytest.fixture
def speaker(tmp_path: Path) -> Iterator[Speaker]:
    shelf = Shelf(tmp_path)
    yield Speaker(Murmurs(), shelf)
    shelf.close()


def waiting(words: bool = True) -> Session:
    project = load(FLOW)
    if words:
        project.catalogue.texts["serves_you"] = shipped().catalogue.texts["serves_you"]
    session = Session(project, "f", Caller(ID, "13800138000", "10086"), START)
    session.begin(START)
    return session


def greeter(spool: Path, speaker: Speaker, session: Session | None) -> Greeter:
    calls = {ID: session}
    return Greeter(calls.get, speaker, CallFiles(spool), "alaw", lambda: START)


async def said(greeter: Greeter, spool: Path) -> list[str]:
    await greeter.spool.do(int)  # what was asked before is done
    return [path.read_text() for path in (spool / "outgoing").iterdir()]


async def test_she_and_the_agent_hear_who_serves_her(spool: Path, speaker: Speaker) -> None:
    session = waiting()
    ours = greeter(spool, speaker, session)
    ours.greet(EVENT)
    (file,) = await said(ours, spool)
    assert f"Channel: Local/{ID}@serving/n\n" in file
    (heard,) = session.record.heard
    assert (heard.prompt, heard.text) == ("serves_you", "幺零零幺号为您服务。")


async def test_who_is_unknown_waits_no_more_or_has_no_words_hears_nothing(
    spool: Path, speaker: Speaker
) -> None:
    over = waiting()
    over.answer(Queued("answered", "1001"), START)
    for session in (None, over, waiting(words=False)):
        ours = greeter(spool, speaker, session)
        ours.greet(EVENT)
        assert await said(ours, spool) == []


async def test_what_cannot_be_said_is_told_in_the_log_and_nowhere_else(
    spool: Path, speaker: Speaker, caplog: pytest.LogCaptureFixture
) -> None:
    (spool / "outgoing").rmdir()
    ours = greeter(spool, speaker, waiting())
    ours.greet(EVENT)
    await ours.spool.do(int)
    greeter(spool, speaker, waiting()).greet(EVENT | {"Interface": "SIP/trunk"})
    assert "a caller is not told that 1001 serves her" in caplog.text
