"""The controller: everything put together, for as long as it runs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import phonenumbers
from pydantic_core import to_jsonable_python

from ivr import config, secrets
from ivr.config import Settings
from ivr.desk.watch import Watch
from ivr.diary import Diary, promises
from ivr.errors import IvrError
from ivr.flow.project import Project
from ivr.flow.promise import Promise
from ivr.flow.record import CallRecord
from ivr.flow.session import Caller, Session
from ivr.flow.talk import Choice
from ivr.line.channel import ChannelLine
from ivr.line.world import World, drive
from ivr.noticeboard import Noticeboard
from ivr.server import Connection, Server
from ivr.services.http import Services
from ivr.sounds import speakers
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from ivr.speech.takes import Takes
from ivr.store.announcements import Announcements
from ivr.store.bookings import Bookings
from ivr.store.callers import Callers
from ivr.store.calls import Calls
from ivr.store.database import Database, StoreError
from ivr.web.api import Part, Sources, application
from ivr.web.site import serving

_log = logging.getLogger(__name__)

# The region whose numbers are written without a country code.
REGION = "CN"
# Seconds after which a record that could not be stored is stored again.
STORE_AGAIN = (0.5, 2.0, 8.0)
# Seconds a caller may hear it ring while the database is asked what she chose before.
RECALL = 0.5
# How long callers have to leave when the hotline is taken down.
LAST_WORDS = timedelta(seconds=2)


def caller_number(text: str) -> str:
    """Return a caller's number as the business knows it: digits, without her country's code.

    What is no number is "": the flow then asks for one.
    """
    digits = "".join(char for char in text if char in "0123456789+")[:32]
    try:
        number = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException:
        return digits.replace("+", "")
    national = str(phonenumbers.national_significant_number(number))
    if number.country_code == phonenumbers.country_code_for_region(REGION):
        return national
    return f"{number.country_code}{national}"


def clock() -> Callable[[], datetime]:
    """Return a clock for one call: right at its start, and never stepping during it."""
    began, ticks = datetime.now(UTC), time.monotonic()
    return lambda: began + timedelta(seconds=time.monotonic() - ticks)


class CallBook:
    """The records of all calls: those of the store, and before them those that still last."""

    def __init__(self, store: Calls) -> None:
        self._store = store
        self._live: dict[str, Session] = {}

    @contextmanager
    def open(self, session: Session) -> Iterator[None]:
        """Show a call while the block runs. Raises `IvrError` when its id is that of another."""
        if session.record.id in self._live:
            raise IvrError(f"there is a call {session.record.id} already")
        self._live[session.record.id] = session
        try:
            yield
        finally:
            del self._live[session.record.id]

    async def latest(self, limit: int) -> list[CallRecord]:
        """Return at most so many calls, newest first. Raises StoreError."""
        live = [session.record for session in reversed(self._live.values())]
        known = {record.id for record in live}
        stored = await self._store.latest(limit)
        every = live + [record for record in stored if record.id not in known]
        return sorted(every, key=lambda record: record.started, reverse=True)[:limit]

    async def find(self, id: str) -> CallRecord | None:
        """Return the call of this id, or None. Raises StoreError."""
        session = self._live.get(id)
        return session.record if session else await self._store.find(id)

    async def begin(self, record: CallRecord) -> bool:
        """Store that a call has begun; False when a call of this id is known already."""
        try:
            return await self._store.begin(record)
        except StoreError as fault:
            _log.warning("the beginning of call %s is not stored: %s", record.id, fault)
            return True

    async def keep(self, record: CallRecord) -> None:
        """Store the record of a call that is over, trying again where it does not go at once.

        What cannot be stored in the end is told in the log.
        """
        for wait in (*STORE_AGAIN, None):
            try:
                return await self._store.write(record)
            except StoreError as fault:
                if wait is None:
                    _log.error("the record of call %s is lost: %s", record.id, fault)
                else:
                    _log.warning("the record of call %s has to wait: %s", record.id, fault)
                    await asyncio.sleep(wait)


class Controller:
    """Serves calls: each becomes a session on a channel line, and a record at its end."""

    def __init__(
        self,
        project: Project,
        speaker: Speaker,
        services: Services,
        calls: CallBook,
        callers: Callers,
        noticeboard: Noticeboard,
        recordings: Path,
        bookings: Bookings,
        promises: Mapping[str, Promise],
    ) -> None:
        self._project = project
        self._noticeboard = noticeboard
        self._callers = callers
        self._speaker = speaker
        self._services = services
        self._calls = calls
        self._recordings = recordings
        self._bookings = bookings
        self._promises = promises

    async def serve(self, connection: Connection) -> None:
        """Lead one call through its flow. Leaves without a word to the dialplan when it cannot."""
        said = connection.preamble.variables
        flow = connection.preamble.script
        if flow not in self._project.flows:
            raise IvrError(f"the dialplan asks for flow '{flow}', which there is none of")
        caller = Caller(said["uniqueid"], caller_number(said["callerid"]), said["extension"])
        now = clock()
        remembered = await self._recall(caller.number, now())
        session = Session(self._project, flow, caller, now(), remembered=remembered)
        line = ChannelLine(connection, self._speaker, self._recordings, said["uniqueid"])
        log = logging.LoggerAdapter(_log, {"call": said["uniqueid"]})
        log.info("= a call to %s begins in flow %s", caller.called, flow)
        with self._calls.open(session):
            begun = asyncio.create_task(self._calls.begin(session.record))
            try:
                await line.open()
                diary = Diary(self._bookings, self._promises, session.record.id, now)
                board = self._noticeboard.at
                world = World(line, self._services, log, announced=board, diary=diary)
                await drive(session, world, now)
            finally:
                session.hang_up(now())
                await asyncio.shield(self._close(session, begun, now()))
                log.info("= %s: %s", session.record.outcome, session.record.why)

    async def _recall(self, number: str, now: datetime) -> Choice:
        try:
            async with asyncio.timeout(RECALL):
                return await self._callers.recall(number, now)
        except (StoreError, TimeoutError) as fault:
            _log.warning("what a caller chose before is not known: %s", str(fault) or "too slow")
            return Choice()

    async def _close(self, session: Session, begun: asyncio.Task[bool], now: datetime) -> None:
        record = session.record
        self._noticeboard.count(record)
        if await begun:
            await self._calls.keep(record)
        else:
            _log.error("a second call %s: its record is not kept, the first one's is", record.id)
        try:
            await self._callers.remember(record.caller, session.chosen, now)
        except StoreError as fault:
            _log.warning("what a caller chose is not remembered: %s", fault)


class Health:
    """Asks each part how it is."""

    def __init__(self, settings: Settings, watch: Watch, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._watch = watch
        self._http = http

    async def parts(self) -> Mapping[str, Part]:
        """Return the health of each part with its process id."""
        return {
            "controller": Part(True, os.getpid()),
            "switch": Part(self._watch.alive, self._switch_pid(), self._watch.trouble),
            "backend": await self._backend(),
        }

    def _switch_pid(self) -> int | None:
        try:
            return int((self._settings.state / "switch.pid").read_text())
        except (OSError, ValueError):
            return None

    async def _backend(self) -> Part:
        url = f"{self._settings.backend_url}/healthz"
        try:
            async with self._http.get(url, timeout=aiohttp.ClientTimeout(total=2)) as response:
                said = await response.json()
                return Part(bool(said["ok"]), int(said["pid"]))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as fault:
            return Part(False, None, f"no answer from {url}: {type(fault).__name__}")


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
        clips = stack.enter_context(speakers(settings, takes))
        database = await Database.open(settings.records_url)
        stack.push_async_callback(database.close)
        store, callers = Calls(database), Callers(database, settings.remember_callers)
        await callers.forget(datetime.now(UTC))
        left = await store.close_left("failed", "the controller ended first", datetime.now(UTC))
        if left:
            _log.warning("%d calls were left open when the controller last ended", left)
        calls = CallBook(store)
        noticeboard = Noticeboard(
            Announcements(database), settings.announcements, clips, project.speeds, settings.codecs
        )
        await stack.enter_async_context(noticeboard.watched())
        speaker = Speaker(noticeboard, shelf)
        services = await stack.enter_async_context(
            Services(project.services, settings.service_urls(project))
        )
        http = await stack.enter_async_context(aiohttp.ClientSession())
        watch = await stack.enter_async_context(
            Watch("127.0.0.1", settings.ami_port, "controller", known[secrets.AMI])
        )
        work = Controller(
            project,
            speaker,
            services,
            calls,
            callers,
            noticeboard,
            settings.recordings,
            Bookings(database),
            promises(furniture, project.hours),
        )
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
