"""`ivr up`: the parts side by side, ready before anything is printed, taken down in order."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import aiohttp

from ivr import https, notify, secrets
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.heartbeat import Watchdog
from ivr.switch import ports
from ivr.switch.files import put
from ivr.turn import somebody_stands_by

# Taken down in this order: first no more calls are led, then the switch ends those there are,
# and the back end goes when nobody can ask it any more.
PARTS = ("controller", "switch", "backend")
# A second controller, ready to take over. Which of the two leads the calls, they settle themselves.
STANDBY = "standby"
SECONDS_TO_BE_READY = 60.0
SECONDS_TO_END = 15.0
# A part that ends by itself is started again, after a pause that keeps a broken one from racing.
SECONDS_TO_RESTART = 1.0
RUNNING = "up.json"
# Tells `ivr up` to start the controllers anew.
RENEW = signal.SIGUSR1
# Answered to anybody: no password is told to whatever may be on the port.
HEALTH = "/healthz"


def check_ports(settings: Settings) -> None:
    """Raise `IvrError` naming every port that is taken and the option that chooses another."""
    wanted = [
        (settings.sip_host, settings.sip_port, ports.UDP, "--sip-port"),
        (settings.http_host, settings.http_port, ports.TCP, "--http-port"),
        ("127.0.0.1", settings.agi_port, ports.TCP, "--agi-port"),
        ("127.0.0.1", settings.ami_port, ports.TCP, "--ami-port"),
        ("127.0.0.1", settings.backend_port, ports.TCP, "--backend-port"),
    ]
    if settings.tls:
        wanted.append((settings.sip_host, settings.tls_port, ports.TCP, "tls_port"))
    if settings.wss_port:
        wanted.append((settings.sip_host, settings.wss_port, ports.TCP, "wss_port"))
    troubles = [trouble for port in wanted if (trouble := ports.trouble(*port))]
    if troubles:
        raise IvrError("\n".join(troubles))


@contextmanager
def claim(state: Path) -> Iterator[None]:
    """Hold the state directory while the block runs; `IvrError` when another hotline does.

    A lock of the kernel, so that a hotline that was killed holds nothing.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            there = running(state)
            who = f" (process {there.pid}, pages at {there.web})" if there else ""
            raise IvrError(
                f"a hotline already runs on {state}{who}; `ivr down` ends it, "
                "--state-dir and other ports put a second one beside it"
            ) from None
        try:
            yield
        finally:
            (state / RUNNING).unlink(missing_ok=True)


@dataclass(frozen=True)
class Running:
    """What a hotline that is ready says of itself."""

    pid: int
    web: str
    backend: str


def running(state: Path) -> Running | None:
    """Return what the hotline of this state directory wrote of itself, if one is ready.

    The lock tells whether one runs: a process id may have been given to somebody else.
    """
    try:
        written = Running(**json.loads((state / RUNNING).read_text()))
        with (state / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return written
    except (OSError, ValueError, TypeError):
        return None
    return None


@dataclass
class Hotline:
    """The parts of one hotline, each a child process in a session of its own.

    With `watch` its calls are led by the drafts that this hands over while the hotline runs.
    """

    settings: Settings
    say: Callable[[str], None]
    watch: Callable[[], Coroutine[Any, Any, None]] | None = None
    children: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    _watchdog: Watchdog | None = None
    _watching: list[asyncio.Task[None]] = field(default_factory=list)

    async def run(self, told: asyncio.Event, ready: Callable[[], None]) -> None:
        """Start every part, call `ready` when each is, and end them in order when told.

        Raises `IvrError`, with the last words of the part, when one does not come up.
        """
        try:
            for part in reversed(PARTS):
                self.children[part] = await self._start(part)
            if not await self._become_ready(told):
                return
            ready()
            notify.tell("READY=1")
            if self.settings.standby and not self.watch:
                self.children[STANDBY] = await self._start(STANDBY)
            self._watchdog = Watchdog(self.settings.state, "up")
            tasks = (*map(self._keep_up, self.children), self._watchdog.watch(), notify.alive())
            self._watching = [asyncio.create_task(task) for task in tasks]
            if self.watch:
                self._watching.append(asyncio.create_task(self.watch()))
            await told.wait()
        finally:
            await self._end()

    async def _start(self, slot: str) -> asyncio.subprocess.Process:
        part = _part(slot)
        drafts = ["--drafts"] if self.watch and part == "controller" else []
        with self._output(part) as output:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "ivr",
                "run",
                part,
                "--with-parent",
                str(os.getpid()),
                *drafts,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.settings.root,
                start_new_session=True,
                env={**os.environ, **self.settings.environment()},
            )

    def _output(self, part: str) -> IO[bytes]:
        folder = self.settings.state / "log"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return (folder / f"{part}.out").open("ab")

    async def _become_ready(self, told: asyncio.Event) -> bool:
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        connector = aiohttp.TCPConnector(ssl=https.trusts(self.settings))
        async with aiohttp.ClientSession(connector=connector) as http:
            while not told.is_set():
                for part, child in self.children.items():
                    if child.returncode is not None:
                        raise IvrError(f"the {part} did not start:\n{self._last_words(part)}")
                if await _well(http, self.settings):
                    return True
                if time.monotonic() > deadline:
                    state = await health(self.settings)
                    raise IvrError(
                        f"the hotline was not ready in {SECONDS_TO_BE_READY:g} s: {state}"
                    )
                await asyncio.sleep(0.1)
        return False

    def _last_words(self, part: str) -> str:
        lines = (self.settings.state / "log" / f"{part}.out").read_text(errors="replace")
        return "\n".join(f"  {line}" for line in lines.splitlines()[-8:])

    async def _keep_up(self, slot: str) -> None:
        while True:
            status = await self.children[slot].wait()
            self.say(f"the {_part(slot)} ended by itself (status {status}) and is started again")
            await asyncio.sleep(SECONDS_TO_RESTART)
            self.children[slot] = await self._start(slot)

    async def renew(self) -> None:
        """Start both controllers anew, one after the other; the first leads until the second can.

        One that does not come up changes nothing.
        """
        state = self.settings.state
        leads = self._watchdog.pid if self._watchdog else 0
        if STANDBY not in self.children or not leads:
            self.say("the controller is not started anew: there is none to take over")
            return
        for child in self._controllers():
            if child.pid != leads:
                await _end(child)  # and `_keep_up` starts another
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        while not somebody_stands_by(state):
            if time.monotonic() > deadline:
                self.say(f"the new controller does not start:\n{self._last_words('controller')}")
                return
            await asyncio.sleep(0.1)
        for child in self._controllers():
            if child.pid == leads:
                await _end(child)
        self.say("the controller was started anew, and calls go on")

    def _controllers(self) -> list[asyncio.subprocess.Process]:
        slots = ("controller", STANDBY)
        return [self.children[slot] for slot in slots if slot in self.children]

    async def _end(self) -> None:
        leads = self._watchdog.pid if self._watchdog else 0
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        # Whoever stands by goes first: it would take over.
        for child in sorted(self._controllers(), key=lambda child: child.pid == leads):
            await _end(child)
        for part in PARTS[1:]:
            if part in self.children:
                await _end(self.children[part])


def _part(slot: str) -> str:
    return "controller" if slot == STANDBY else slot


async def _end(child: asyncio.subprocess.Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), SECONDS_TO_END)
            return


def at(settings: Settings, there: Running | None) -> Settings:
    """Return the settings with the port the running hotline really has its pages on."""
    if there is None:
        return settings
    return settings.model_copy(update={"http_port": int(there.web.rsplit(":", 1)[1])})


async def _well(http: aiohttp.ClientSession, settings: Settings) -> bool:
    try:
        async with http.get(f"{settings.web_url}/healthz") as response:
            return response.status == 200
    except (aiohttp.ClientError, OSError):
        return False


async def fetch(settings: Settings, path: str) -> object:
    """Return what the running controller answers to `GET path` of its operator.

    Raises `IvrError` when none answers.
    """
    url = f"{settings.web_url}{path}"
    headers = {} if path == HEALTH else secrets.as_operator(settings.state)
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers) as http,
            http.get(url, ssl=https.trusts(settings)) as response,
        ):
            return await response.json()
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
        raise IvrError(f"no hotline answers at {url}: {type(fault).__name__}") from fault


async def health(settings: Settings) -> object:
    """Return the health of each part, or why it cannot be told."""
    try:
        return await fetch(settings, HEALTH)
    except IvrError as fault:
        return str(fault)


def run(
    settings: Settings,
    say: Callable[[str], None],
    screen: Callable[[], None],
    watch: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Run the hotline in the foreground until SIGINT or SIGTERM; `watch` is that of `Hotline`."""

    def ready() -> None:
        note = Running(os.getpid(), settings.web_url, settings.backend_url)
        put(settings.state / RUNNING, json.dumps(asdict(note)))
        screen()

    async def work() -> None:
        told = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        hotline, renewing = Hotline(settings, say, watch), set[asyncio.Task[None]]()

        def renew() -> None:
            if not renewing:
                renewing.add(task := asyncio.create_task(hotline.renew()))
                task.add_done_callback(renewing.discard)

        asyncio.get_running_loop().add_signal_handler(RENEW, renew)
        await hotline.run(told, ready)

    asyncio.run(work())


def detach(settings: Settings, *options: str) -> Running:
    """Start `ivr up` in the background; return what it wrote of itself once it is ready.

    Raises `IvrError` with its last words when it does not come up.
    """
    log = settings.state / "log" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "ivr", "up", *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **settings.environment()},
        )
    while True:
        there = running(settings.state)
        if there is not None and there.pid == child.pid:
            return there
        if child.poll() is not None:
            raise IvrError(f"the hotline did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)


def restart(settings: Settings) -> None:
    """Have the controllers started anew, one after the other; calls go on.

    Raises `IvrError` where none runs here, and where the new one does not come up.
    """
    there = running(settings.state)
    if there is None:
        raise IvrError(f"no hotline runs on {settings.state}")
    at_its_port = at(settings, there)
    leads = asyncio.run(_leading(at_its_port))
    os.kill(there.pid, RENEW)
    deadline = time.monotonic() + SECONDS_TO_BE_READY + SECONDS_TO_END
    while time.monotonic() < deadline:
        with contextlib.suppress(IvrError):
            if asyncio.run(_leading(at_its_port)) != leads:
                return
        time.sleep(0.1)
    log = settings.state / "log"
    raise IvrError(f"the controller leads the calls as before; `ivr up` tells why, and {log}")


async def _leading(settings: Settings) -> int:
    """Return the process that leads the calls. Raises `IvrError` when none answers."""
    said: Any = await fetch(settings, "/healthz")
    return int(said["parts"]["controller"]["pid"])


def end(settings: Settings) -> bool:
    """End the hotline of this state directory; return whether there was one.

    Raises `IvrError` when it does not go.
    """
    there = running(settings.state)
    if there is None:
        return False
    os.kill(there.pid, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_END * len(PARTS)
    while time.monotonic() < deadline:
        if running(settings.state) is None:
            return True
        time.sleep(0.1)
    raise IvrError(
        f"process {there.pid} was told to end and did not; its log: {settings.state / 'log'}"
    )
