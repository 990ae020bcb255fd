"""A whole hotline of its own for real calls: `ivr up` on free ports, in a directory of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from ivr.config import VOICES
from ivr.phone import Call, Phone
from ivr.running.secrets import as_operator
from ivr.speech.clips import Clips
from ivr.speech.takes import Takes
from ivr.speech.voices import voices
from tests.ports import free_port
from tests.stage import ROOT

SECONDS_TO_COME_UP = 120
_numbers = itertools.count(1)


class Hotline:
    """A running hotline: its ports, its API, its files, and phones to call it with."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.state = home / "state"
        self.ports = {
            "sip": free_port(socket.SOCK_DGRAM),
            "http": free_port(),
            "agi": free_port(),
            "ami": free_port(),
            "backend": free_port(),
        }
        self.environment = {f"IVR_{name.upper()}_PORT": str(p) for name, p in self.ports.items()}
        self.environment |= {"IVR_STATE_DIR": str(self.state), "IVR_ROOT": str(ROOT)}
        self.environment |= {f"IVR_{name.upper()}": value for name, value in settings.items()}
        self.output = home / "up.log"
        # Of one with `tls`: how its pages are asked, which are HTTPS then.
        self.trust: ssl.SSLContext | None = None

    @property
    def sip(self) -> str:
        """Where it is called."""
        return f"127.0.0.1:{self.ports['sip']}"

    @contextmanager
    def running(self, *options: str) -> Iterator[Hotline]:
        """Run it with these options while the block runs; afterwards nothing of it may be left."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ivr", "up", *options],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self._wait_until_up()
            yield self
        finally:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            finally:
                self.process.kill()
        status = self.process.returncode
        assert status == 0, f"it ended with {status}:\n{self.output.read_text()}"
        assert self.left() == []

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_COME_UP
        while not (self.state / "up.json").exists():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.05)

    def left(self) -> list[str]:
        """Return the command lines of processes that belong to this hotline."""
        mark = str(self.state).encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes()
                said = words + (entry / "environ").read_bytes()
            except OSError:
                continue
            if mark in said and int(entry.name) != os.getpid():
                found.append(words.replace(b"\0", b" ").decode())
        return found

    def ivr(
        self, *words: str, within: float = 90, said: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one `ivr` command beside this hotline; it reads what is `said`."""
        return subprocess.run(
            [sys.executable, "-m", "ivr", *words],
            cwd=ROOT,
            env={**os.environ, **self.environment, "COLUMNS": "200"},
            capture_output=True,
            input=said,
            text=True,
            timeout=within,
        )

    def password(self, agent: str) -> str:
        """Return an agent's generated password."""
        known: dict[str, str] = json.loads((self.state / "secrets.json").read_text())
        return known[f"agent {agent}"]

    def agent(self, number: str) -> Phone:
        """Return an agent's phone, which registers."""
        return Phone(number, registrar=self.sip, password=self.password(number))

    async def get(self, path: str) -> Any:
        """Ask the operators' API; who asks too fast, as many callers at once do, asks again."""
        url = f"http{'s' * bool(self.trust)}://127.0.0.1:{self.ports['http']}{path}"
        headers, trust = as_operator(self.state), self.trust or True
        while True:
            async with aiohttp.request("GET", url, headers=headers, ssl=trust) as response:
                if response.status != HTTPStatus.TOO_MANY_REQUESTS:
                    return await response.json()
            await asyncio.sleep(float(response.headers["Retry-After"]))

    async def duty(self, number: str, duty: str, reason: str = "") -> Any:
        """Let an agent stand so, as the operator may; return where she stands."""
        headers = as_operator(self.state)
        url = f"http://127.0.0.1:{self.ports['http']}/api/agents/{number}/duty"
        body = {"duty": duty, "reason": reason}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.put(url, json=body) as response,
        ):
            assert response.ok, await response.text()
            return await response.json()

    async def faults(self, **faults: object) -> None:
        """Let the back end fail in these ways, and in no other."""
        await self._tell_backend("faults", faults)

    async def customer(self, balance: str, expires: str) -> str:
        """Return the number of a new customer of the demo carrier, who never called before."""
        number = new_number()
        person = {"name": "Ada", "language": "en", "plan": "Visitor"}
        account = {"balance": balance, "expires": expires, **person}
        await self._tell_backend(f"customers/{number}", account)
        return number

    async def _tell_backend(self, path: str, body: Mapping[str, object]) -> None:
        url = f"http://127.0.0.1:{self.ports['backend']}/{path}"
        async with aiohttp.ClientSession() as http, http.put(url, json=body) as response:
            assert response.ok, await response.text()


def new_number() -> str:
    """Return a caller's number that no other test calls from, and no customer has."""
    return f"139{os.getpid() % 100_000:05d}{next(_numbers):03d}"


async def until(holds: Callable[[], Any], within: float = 20) -> Any:
    """Ask again and again until it is so; fails when it is not within so many seconds."""
    deadline = time.monotonic() + within
    while True:
        answer = await holds()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not so within {within:g} s"
        await asyncio.sleep(0.03)


async def is_well(hotline: Hotline) -> None:
    """Wait until every part is well."""

    async def well() -> bool:
        try:
            return bool((await hotline.get("/healthz"))["ok"])
        except OSError:
            return False

    await until(well)


class Caller:
    """A caller in a call: a phone that is not ours, and what the hotline writes of the call."""

    def __init__(self, hotline: Hotline, number: str, phone: Phone, call: Call, wav: Path) -> None:
        self.hotline = hotline
        self.number = number
        self.phone = phone
        self.call = call
        self.wav = wav

    async def record(self) -> dict[str, Any] | None:
        """Return the newest record of this caller, while the call lasts too."""
        calls = await self.hotline.get("/api/calls?limit=50")
        return next((record for record in calls if record["caller"] == self.number), None)

    async def comes_to(self, node: str, within: float = 30) -> dict[str, Any]:
        """Wait until the call is at a node."""

        async def there() -> dict[str, Any] | None:
            record = await self.record()
            at = record["path"][-1] if record and record["path"] else None
            return record if at and at["node"] == node and at["left"] is None else None

        record: dict[str, Any] = await until(there, within)
        return record

    async def has_heard(self, prompt: str, count: int) -> dict[str, Any] | None:
        """Return the record when she has heard a prompt to its end so many times."""
        record = await self.record() or {"heard": ()}
        whole = [h for h in record["heard"] if h["prompt"] == prompt and h["finished"]]
        return record if len(whole) == count else None

    async def story(self, within: float = 10) -> dict[str, Any]:
        """Wait until the call is over and written down; return its record."""

        async def over() -> dict[str, Any] | None:
            record = await self.record()
            return record if record and record["ended"] else None

        record: dict[str, Any] = await until(over, within)
        return record

    async def press(self, keys: str) -> float:
        """Press keys; return the second of the recording at which the last began."""
        events = await self.call.press(keys)
        answered = next(e for e in self.call.events if e.name == "answered")
        return events[-1].at - answered.at


def nodes(record: Mapping[str, Any]) -> list[str]:
    """Return the nodes a call came through."""
    return [step["node"] for step in record["path"]]


def said(record: Mapping[str, Any]) -> list[str]:
    """Return the ids of the prompts a caller heard."""
    return [heard["prompt"] for heard in record["heard"]]


def seconds(begin: str, end: str) -> float:
    """Return the seconds between two moments of a record."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


def clips() -> Clips:
    """Return the clips that are played, to compare with what is heard."""
    by_name = voices(name for names in VOICES.values() for name in names)
    return Clips(ROOT / "prompts/built", Takes.load(ROOT / "prompts/takes"), VOICES, by_name)


def flows(home: Path, *changes: tuple[str, str]) -> Path:
    """Return a folder with the shipped flows, so changed; their desks are open day and night."""
    folder = home / "flows"
    shutil.copytree(ROOT / "flows", folder)
    hours = (folder / "hours.yaml").read_text()
    (folder / "hours.yaml").write_text(hours.replace("09:00-22:00", "00:00-24:00"))
    text = (folder / "hotline.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "hotline.yaml").write_text(text)
    return folder
