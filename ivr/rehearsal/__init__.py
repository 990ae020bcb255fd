"""`ivr try`: a call without a phone. The same flow, the same back ends, another line."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from aiohttp import web
from rich.live import Live

from ivr.config import DEMO, Settings
from ivr.demo import backend
from ivr.errors import IvrError
from ivr.flow.caller import Caller
from ivr.flow.effects import (
    Dial,
    DialOutcome,
    Enqueue,
    Queued,
    Staying,
)
from ivr.flow.project import Project
from ivr.flow.services import Failed
from ivr.flow.session import Session
from ivr.flow.talk import Choice
from ivr.line.caller_number import caller_number
from ivr.line.keyboard import keyboard
from ivr.line.ports import Answered, BackEnds, Line
from ivr.line.script import ScriptLine
from ivr.line.terminal import Silent, TerminalLine, Voice
from ivr.line.world import World, drive
from ivr.project import sounds
from ivr.rehearsal.page import Page
from ivr.rehearsal.player import Loud
from ivr.running import claim
from ivr.services.http import Services
from ivr.speech.takes import Takes
from ivr.trial import real_time
from ivr.trial.given import Given
from ivr.trial.real_time import GivenBackEnds

# The page is drawn anew at a change, at most so often (seconds), and without one for its size.
OFTEN, SELDOM = 0.04, 0.5


@dataclass(frozen=True)
class Circumstances:
    """What holds for a call that is played: when it is, who calls, what is given, how it is heard.

    Whatever is None is as given, or as it is: the time, a known caller, the demo back end.
    """

    now: datetime | None = None
    caller: str | None = None
    language: str | None = None
    given: Given = field(default_factory=Given)
    listen: bool = False

    def session(self, project: Project, flow: str) -> Session:
        """Return a session of this caller at this time."""
        given = self.given
        number = given.caller if self.caller is None else self.caller
        then = given.now if "now" in given.model_fields_set else datetime.now(UTC)
        return Session(
            project,
            flow,
            Caller("try", caller_number(number), given.called),
            self.now or then,
            language=self.language,
            remembered=Choice(given.remembers.language, given.remembers.speed),
        )


async def rehearse(
    settings: Settings,
    project: Project,
    flow: str,
    around: Circumstances,
    keys: list[str] | None,
    say: Callable[[str], None],
) -> None:
    """Walk a flow with scripted keys, or with the keyboard's when `keys` is None.

    `say` is given a line for each thing that happens. Where no hotline runs, the demo back end
    is started for as long as the call lasts. Raises `IvrError` where there is no terminal to
    play it in.
    """
    if keys is None and not sys.stdin.isatty():
        raise IvrError("there is no keyboard here; give the keys with --keys")
    if keys is None and not sys.stdout.isatty():
        raise IvrError("there is no terminal here to show the call in; give the keys with --keys")
    session = around.session(project, flow)
    async with _demo(settings, project) as urls, Services(project.services, urls) as services:
        back_ends = _BackEnds(around.given, project, services)
        if keys is None:
            await _by_keyboard(settings, project, session, around, back_ends, say)
        else:
            is_silent = not around.given.recording
            line = _GivenScript(keys, tell=say, silent_recording=is_silent, given=around.given)
            await drive(session, _world(line, back_ends, around.given), _clock(session))
    record = session.record
    say(f"= {record.outcome}: {record.why}")
    say(f"= {record.language} {record.speed} {' → '.join(step.node for step in record.path)}")


async def _by_keyboard(
    settings: Settings,
    project: Project,
    session: Session,
    around: Circumstances,
    back_ends: BackEnds,
    say: Callable[[str], None],
) -> None:
    """Play the call on a page of its own; what was said stays on the screen afterwards."""
    page = Page(session, project)
    try:
        with ExitStack() as stack:
            voice = _voice(settings, stack, page) if around.listen else Silent()
            line = TerminalLine(page.write, voice, around.given, page.shown)
            stack.enter_context(keyboard(line.press))
            live = stack.enter_context(Live(page, screen=True, auto_refresh=False))
            drawing = asyncio.create_task(_draw(live, page))
            try:
                await drive(session, _world(line, back_ends, around.given), _clock(session))
            finally:
                drawing.cancel()
    finally:
        for told in page.lines:
            say(told)


async def _draw(live: Live, page: Page) -> None:
    while True:
        live.refresh()
        page.changed.clear()
        await asyncio.sleep(OFTEN)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SELDOM):
                await page.changed.wait()


def _voice(settings: Settings, stack: ExitStack, page: Page) -> Voice:
    takes = Takes.load(settings.takes, settings.root)
    clips = stack.enter_context(sounds.speakers(settings, takes))
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    form = next(form for form in (*settings.codecs, "alaw") if form != "g722")
    voice = Loud(clips.load, form, folder, page.write)
    stack.callback(voice.stop)
    return voice


def _clock(session: Session) -> Callable[[], datetime]:
    """Return a clock that begins with the call, whenever that is said to be."""
    began, ticks = session.record.started, time.monotonic()
    return lambda: began + timedelta(seconds=time.monotonic() - ticks)


def _world(line: Line, back_ends: BackEnds, given: Given) -> World:
    return World(line, back_ends, around=real_time.around(given))


@dataclass
class _GivenScript(ScriptLine):
    """A script among the agents and numbers that are given."""

    given: Given = field(default_factory=Given)

    async def enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        self.queued, _ = self.given.queued(enqueue.queue, enqueue.longest)
        return await super().enqueue(enqueue)

    async def dial(self, dial: Dial) -> DialOutcome:
        self.dialled, _ = self.given.dialled(dial.number, dial.longest)
        return await super().dial(dial)


class _BackEnds:
    """Answers as given what is given, and asks the real back ends for the rest.

    Where the time is given, two rehearsals have the same keys: each question gets one of its own.
    """

    def __init__(self, given: Given, project: Project, real: BackEnds) -> None:
        self._given = given
        self._simulated = GivenBackEnds(given, project.services)
        self._real = real

    async def look_up(self, name: str, arguments: Mapping[str, str], key: str) -> Answered:
        if name in self._given.lookups:
            return await self._simulated.look_up(name, arguments, key)
        return await self._real.look_up(name, arguments, uuid4().hex)

    async def send(self, to: str, text: str, language: str, key: str) -> Failed | None:
        if self._given.messages == "fails":
            return Failed("messages fail, as is given")
        return await self._real.send(to, text, language, uuid4().hex)


@asynccontextmanager
async def _demo(settings: Settings, project: Project) -> AsyncIterator[dict[str, str]]:
    known = [name for name in DEMO if name in project.services.urls]
    if settings.services:
        yield settings.services
        return
    if there := claim.running(settings.state):
        yield dict.fromkeys(known, there.backend)
        return
    with tempfile.TemporaryDirectory() as folder:
        runner = web.AppRunner(backend.application(Path(folder) / "demo.db"))
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield dict.fromkeys(known, f"http://127.0.0.1:{runner.addresses[0][1]}")
        finally:
            await runner.cleanup()
