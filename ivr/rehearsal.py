"""`ivr try`: a call without a phone. The same flow, the same back ends, another line."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

from aiohttp import web

from ivr import up
from ivr.config import DEMO, Settings
from ivr.controller import caller_number, clock
from ivr.demo import backend
from ivr.errors import IvrError
from ivr.flow.project import Project
from ivr.flow.session import Caller, Session
from ivr.line.script import ScriptLine
from ivr.line.terminal import TerminalLine, keyboard
from ivr.line.world import World, drive
from ivr.services.http import Services


async def rehearse(
    settings: Settings,
    project: Project,
    flow: str,
    caller: str,
    language: str | None,
    keys: list[str] | None,
    say: Callable[[str], None],
) -> None:
    """Walk a flow with scripted keys, or with the keyboard's when `keys` is None.

    `say` is given a line for each thing that happens. Where no hotline runs, the demo back end
    is started for as long as the call lasts.
    """
    if keys is None and not sys.stdin.isatty():
        raise IvrError("there is no keyboard here; give the keys with --keys")
    now = clock()
    session = Session(
        project, flow, Caller("try", caller_number(caller), "try"), now(), language=language
    )
    script = ScriptLine(keys or (), tell=say)
    terminal = TerminalLine(lambda text: print(text, end="", flush=True))  # noqa: T201
    async with (
        _demo(settings, project) as urls,
        Services(project.services, urls) as services,
    ):
        with keyboard(terminal) if keys is None else nullcontext():
            line = terminal if keys is None else script
            await drive(session, World(line, services), now)
    record = session.record
    say(f"= {record.outcome}: {record.why}")
    say(f"= {record.language} {record.speed} {' → '.join(step.node for step in record.path)}")


@asynccontextmanager
async def _demo(settings: Settings, project: Project) -> AsyncIterator[dict[str, str]]:
    known = [name for name in DEMO if name in project.services.urls]
    if settings.services:
        yield settings.services
        return
    if there := up.running(settings.state):
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
