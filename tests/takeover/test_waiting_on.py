"""Who waits in a queue as her controller dies: asked as before, and led on as she comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ivr.desk.keys import KeyReader
from ivr.flow.caller import Caller
from ivr.flow.effects import Announced, EndWait, Enqueue, Listen, LookAhead, Play, Staying
from ivr.flow.journal import Journal
from ivr.flow.opening import Opening
from ivr.flow.project import Project
from ivr.flow.resume import resume
from ivr.line.keeping import QUEUEING, Place
from ivr.line.led import LedCall, Lines
from ivr.line.ports import Handover
from ivr.line.stay import Switch
from ivr.line.waits import Wait, Waits
from ivr.line.world import World
from ivr.records.callbook import CallBook
from ivr.services.http import Services
from ivr.store.calls import Calls
from ivr.takeover.waiting_on import WaitingOn, WorldOf
from ivr.versions.edition import Edition
from tests.fake_asterisk import FakeAsterisk
from tests.leading import Always, a_controller, a_database
from tests.line.switch import Channel, speaking
from tests.line.test_stay import CHANNEL, Waiting
from tests.stage import START, Clock, load, path
from tests.until import until

FLOW = """
flow: f
languages: [en]
start: agent
nodes:
  agent: {queue: desk, while_waiting: wait, every: 10s, answered: bye, unanswered: bye}
  wait: {menu: ask, keys: {1: message}, otherwise: agent}
  message: {record: hello, into: message, go: bye, silent: bye}
  bye: hangup
"""
ID = "1764047000.12"
THERE = Place(1, 0, 1, 0, 0, 1, QUEUEING)
ANSWERS: Mapping[type[Any], Any] = {Enqueue: Staying(), Announced: (), Listen: "", LookAhead: None}


def waits(project: Project) -> tuple[tuple[str, ...], Wait]:
    """Return what a channel holds of a caller who is asked something as she waits, and her file."""
    now = Clock()
    journal = Journal.begin(Opening("f", "v1", Caller(ID, "138", "10086"), START), project)
    effect, held = journal.answer(None, now()), journal.texts
    while not isinstance(effect, Play):
        assert effect is not None
        if isinstance(effect, Enqueue):
            held = journal.texts
        effect = journal.answer(ANSWERS[type(effect)], now())
    return held, Wait(
        texts=journal.texts,
        channel=CHANNEL,
        line="desk",
        waits=1,
        variable="IVR_KEYS_1",
        seen=0,
        whisper=0,
        form="alaw",
    )


@asynccontextmanager
async def waited_on(
    folder: Path, kept: Waits, switch: Switch, world: WorldOf
) -> AsyncIterator[tuple[WaitingOn, CallBook]]:
    """What leads those on who wait, and its book of calls."""
    project = load(FLOW)
    async with (
        a_database(folder) as database,
        Services(project.services) as services,
        speaking(folder) as speaker,
    ):
        calls = CallBook(Calls(database))
        served = Always(Edition(project, speaker, services))
        yield WaitingOn(calls, served, Lines(folder, frozenset, switch, kept), world), calls


async def test_she_is_asked_as_before_and_goes_on_from_there_as_she_comes_back(
    tmp_path: Path,
) -> None:
    project, kept, waiting = load(FLOW), Waits(tmp_path / "waits"), Waiting(tmp_path)
    held, wait = waits(project)
    before = Waits(tmp_path / "waits")
    before.load()
    before.keep(ID, wait)
    before.keep("1764047000.99", wait)  # one whose record is closed
    before.close()
    switch = Switch(tmp_path, KeyReader(waiting.ask), waiting.ask)
    waiting.files = switch.spool

    def world(call: LedCall, channel: str) -> World:
        assert (call.channel, channel) == (ID, CHANNEL)
        assert call.session.wait is not None
        handover = Handover(stays=call.session.wait.queue)
        return World(call.line, call.back_ends, handover=handover)

    async with waited_on(tmp_path, kept, switch, world) as (led, calls):
        await led.begin({ID})
        assert kept.calls() == [ID]
        # What was being said is ended, and said again.
        await until(lambda: len(list((tmp_path / "outgoing").iterdir())) == 2)
        first, second = await waiting.whispers()
        assert first == f"Local/{ID}*1@end-whisper/n"
        assert second == f"Local/{ID}*0@whisper/n"
        assert calls.live(ID) is not None and not calls.is_led(ID)
        waiting.keys = "1"
        await until(lambda: bool(waiting.withdrawn))
        assert waiting.withdrawn[0]["Queue"] == "desk"
        assert await led.comes("1764047000.1", THERE) is None
        left = await led.comes(ID, THERE)
        assert left is not None and left.seen == 1
        assert calls.live(ID) is None
        asked = resume(left.texts, project).journal.session.asked
        assert isinstance(asked, EndWait) and asked.leaves
        assert await led.comes(ID, Place(1, 0, 1, 0, 0, 2, QUEUEING)) is None  # another wait
        await led.has_gone(ID)
        assert kept.calls() == []
    kept.keep(ID, left)
    await comes_back(tmp_path, held, kept, switch)


async def comes_back(folder: Path, held: tuple[str, ...], kept: Waits, switch: Switch) -> None:
    channel = Channel("-", "#")
    place = f"1.{len(held)}.1.0.0.1.{QUEUEING}"
    texts = {f"IVR_J1_{number}": text for number, text in enumerate(held)}
    channel.variables |= texts | {"AGIEXECFULL": "1", "QUEUESTATUS": "WITHDRAW", "IVR_AT": place}
    channel.variables["IVR_KEYS_1"] = "1"
    said = {"uniqueid": ID, "extension": "10086", "arg_2": place}
    async with a_controller(folder, FLOW, switch=switch, waits=kept) as (port, book):
        async with FakeAsterisk(port, script="f", variables=said, answer=channel) as asterisk:
            await asterisk.finished()
        record = await book.find(ID)
    assert record is not None and record.ended is not None
    assert path(record)[:4] == ["agent", "wait", "message", "bye"]
    assert record.asked is not None
    assert (record.asked[0].what, record.asked[0].outcome) == ("queue", "left")
    assert not [line for line in asterisk.commands if line.startswith("EXEC Queue")]
    assert kept.calls() == []


def no_world(*_: object) -> World:
    raise AssertionError("nobody is led")


@pytest.mark.parametrize("spoilt", [(), ("rubbish",)])
async def test_what_nobody_can_read_leaves_her_the_music(
    tmp_path: Path, spoilt: tuple[str, ...]
) -> None:
    kept, waiting = Waits(tmp_path / "waits"), Waiting(tmp_path)
    _, wait = waits(load(FLOW))
    before = Waits(tmp_path / "waits")
    before.load()
    before.keep(ID, wait.model_copy(update={"texts": spoilt}))
    before.close()
    switch = Switch(tmp_path, KeyReader(waiting.ask), waiting.ask)
    waiting.files = switch.spool
    async with waited_on(tmp_path, kept, switch, no_world) as (led, calls):
        await led.begin({ID})
        await until(lambda: all(walk.done() for walk in led._walks.values()))
        assert await waiting.whispers() == [] and calls.live(ID) is None
        await led.close()
