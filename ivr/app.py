"""The controller put together, for as long as it runs."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
from pydantic_core import to_jsonable_python

from ivr import config, secrets
from ivr.callbook import CallBook
from ivr.config import Settings
from ivr.controller import Controller
from ivr.desk.watch import Watch
from ivr.errors import IvrError
from ivr.health import Health
from ivr.server import Server
from ivr.services.http import Services
from ivr.sounds import speakers
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from ivr.speech.takes import Takes
from ivr.store.callers import Callers
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.web.api import Sources, application
from ivr.web.site import serving

_log = logging.getLogger(__name__)

# How long callers have to leave when the hotline is taken down.
LAST_WORDS = timedelta(seconds=2)


@asynccontextmanager
async def controller(settings: Settings) -> AsyncIterator[None]:
    """Run the controller while the block runs. Raises `IvrError` where it cannot start."""
    project, furniture = config.load(settings)
    known = secrets.load(settings.state, map(str, furniture.agents))
    settings.recordings.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with AsyncExitStack() as stack:
        shelf = Shelf()
        stack.callback(shelf.close)
        takes = Takes.load(settings.takes, settings.root)
        speaker = Speaker(stack.enter_context(speakers(settings, takes)), shelf)
        database = await Database.open(settings.records_url)
        stack.push_async_callback(database.close)
        store, callers = Calls(database), Callers(database, settings.remember_callers)
        await callers.forget(datetime.now(UTC))
        left = await store.close_left("failed", "the controller ended first", datetime.now(UTC))
        if left:
            _log.warning("%d calls were left open when the controller last ended", left)
        calls = CallBook(store)
        services = await stack.enter_async_context(
            Services(project.services, settings.service_urls(project))
        )
        http = await stack.enter_async_context(aiohttp.ClientSession())
        watch = await stack.enter_async_context(
            Watch("127.0.0.1", settings.ami_port, "controller", known[secrets.AMI])
        )
        work = Controller(project, speaker, services, calls, callers, settings.recordings)
        server = Server(work.serve, most_calls=settings.most_calls)
        try:
            await server.start("127.0.0.1", settings.agi_port)
        except OSError as fault:
            raise IvrError(f"port {settings.agi_port} is taken: choose --agi-port") from fault
        stack.push_async_callback(server.drain, LAST_WORDS)
        pages = application(
            Sources(
                calls,
                Health(settings, watch, http).parts,
                lambda: to_jsonable_python(watch.board()),
            )
        )
        await stack.enter_async_context(serving(pages, settings.http_host, settings.http_port))
        _log.info("the controller serves %s, version %s", list(project.flows), project.version)
        yield


async def run_until_told(settings: Settings) -> None:
    """Run the controller until SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with controller(settings):
        await told.wait()
