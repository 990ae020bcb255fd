"""Where calls are led: one switch for all three, and whoever leads them just now."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.load import dialogue
from bench.load.gauge import listens
from bench.load.sipp import Sipp, sipp
from ivr import config
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.phone import Phone
from ivr.project import suite
from ivr.running import planning, run
from ivr.switch import process
from tests.calls.hotline import flows
from tests.ports import free_port
from tests.stage import ROOT

# Four for each call, and callers' numbers are not looked for: room for 3,000 at once.
RTP_PORTS = "20000-31999"
SOUNDS = "sounds.json"
# Seconds for a process to come up.
PATIENCE = 30.0


@dataclass(frozen=True)
class Ground:
    """What all three need but the switch: settings, sounds, and the carrier's back end."""

    home: Path
    settings: Settings
    sounds: dict[str, Path]
    bare_port: int

    def secret(self, name: str) -> str:
        """Return a secret that the controller and the switch have made."""
        known: dict[str, str] = json.loads((self.settings.state / "secrets.json").read_text())
        return known[name]


@dataclass(frozen=True)
class Rig:
    """A ground with a switch, an agent who talks, and SIPp to call it."""

    ground: Ground
    switch: process.Switch
    sipp: Sipp
    asterisk: str

    @property
    def sip(self) -> str:
        """Where it is called."""
        return f"127.0.0.1:{self.ground.settings.sip_port}"


@asynccontextmanager
async def ground(home: Path, *, nodes: int = 0, members: int = 0) -> AsyncIterator[Ground]:
    """Run a back end; the flow has so many nodes more, the desk so many members."""
    settings = _settings(home, nodes, members)
    heard = await asyncio.to_thread(dialogue.record, settings, home)
    names = {_name(name): str(path.with_suffix("")) for name, path in heard.items()}
    (home / SOUNDS).write_text(json.dumps(names))
    backend = ["-m", "ivr", "run", "backend", "--with-parent", str(os.getpid())]
    async with _running(settings, home / "backend.out", backend):
        await listening(settings.backend_port)
        yield Ground(home, settings, heard, free_port())


@asynccontextmanager
async def leading(on: Ground, contestant: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run our controller (`engine`) or the script on panoramisk (`bare`)."""
    words, port = (
        ["-m", "ivr", "run", "controller", "--with-parent", str(os.getpid())],
        on.settings.agi_port,
    )
    if contestant == "bare":
        words = ["-m", "bench.load.bare", str(on.bare_port), on.settings.backend_url]
        words.append(str(on.home / SOUNDS))
        port = on.bare_port
    async with _running(on.settings, on.home / f"{contestant}.out", words) as child:
        await listening(port)
        yield child


@asynccontextmanager
async def rig(home: Path, *, nodes: int = 0, members: int = 0) -> AsyncIterator[Rig]:
    """Run a switch on such a ground, whose dialplan has the plain dialogue, too."""
    async with ground(home, nodes=nodes, members=members) as on, AsyncExitStack() as stack:
        plan = planning.write(on.settings, planning.softswitch(on.settings, run.print_line))
        dialplans = home / "dialplans"
        shutil.copytree(plan.dialplans, dialplans)
        (dialplans / "load.conf").write_text(dialogue.dialplan_of(on.sounds, on.bare_port))
        switch = await process.start(replace(plan, dialplans=dialplans))
        stack.push_async_callback(switch.stop)
        (on.settings.state / process.PID_FILE).write_text(str(switch.pid))
        for number, (balance, _) in dialogue.BALANCES.items():
            await switch.console(f"database put balance {number} {balance}")
        made = Rig(on, switch, sipp(), plan.softswitch.version)
        await stack.enter_async_context(_an_agent_talks(made))
        yield made


def members_of(members: int) -> range:
    """Return the numbers of the agents that the desk has more than is shipped."""
    return range(100_000, 100_000 + members)


def _name(sound: str) -> str:
    return sound.replace("-", " ", 1)


def _settings(home: Path, nodes: int, members: int) -> Settings:
    home.mkdir(parents=True)
    folder = flows(home)
    for tests in folder.glob(f"*{suite.ENDING}"):  # they are of other hours
        tests.unlink()
    (folder / "load.yaml").write_text(dialogue.flow_of(nodes))
    (folder / "queued.yaml").write_text(dialogue.QUEUE_TEXT.lstrip())
    agents = (ROOT / "asterisk-config/agents.yaml").read_text()
    desks = (ROOT / "asterisk-config/desks.yaml").read_text()
    more = members_of(members)
    agents += "".join(f"  {n}: {{name: Agent {n}, skills: {{cmn: 5}}}}\n" for n in more)
    wanted = "members: [1001, 1002, 1003]"
    assert wanted in desks and "capacity: 50" in desks
    desks = desks.replace(wanted, f"members: [{', '.join(map(str, (1001, 1002, 1003, *more)))}]")
    desks = desks.replace("capacity: 50 ", "capacity: 5000 ")
    (home / "agents.yaml").write_text(agents)
    (home / "desks.yaml").write_text(desks)
    os.environ["IVR_ROOT"] = str(ROOT)
    return config.settings(
        state_dir=home / "state",
        flows=folder,
        desks=home / "desks.yaml",
        agents=home / "agents.yaml",
        numbers={
            dialogue.NUMBERS["engine"]: dialogue.FLOW,
            dialogue.NUMBERS["queue"]: dialogue.QUEUE,
        },
        rtp_ports=RTP_PORTS,
        most_calls=3000,
        sip_port=free_port(socket.SOCK_DGRAM),
        **{f"{name}_port": free_port() for name in ("http", "agi", "ami", "backend")},
    )


@asynccontextmanager
async def _running(
    settings: Settings, output: Path, words: Sequence[str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    with output.open("ab") as file:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            cwd=ROOT,
            env={**os.environ, **settings.environment(), "IVR_ROOT": str(ROOT)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), 15)
        except TimeoutError:
            child.kill()
            await child.wait()


async def listening(port: int, protocol: str = "tcp") -> None:
    """Wait until somebody listens there. Raises IvrError where nobody does.

    It is read in the kernel's own list: panoramisk's server spins for ever on a connection that
    is closed before it has said anything.
    """
    if not await asyncio.to_thread(_is_there, port, protocol):
        raise IvrError(f"nobody listens at port {port} of {protocol} after {PATIENCE:g} s")


def _is_there(port: int, protocol: str) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not listens(port, protocol):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@asynccontextmanager
async def _an_agent_talks(made: Rig) -> AsyncIterator[None]:
    agent = Phone("1001", registrar=made.sip, password=made.ground.secret("agent 1001"))
    async with agent, Phone("13900000000") as caller:
        await agent.registered(within=10)
        call = await caller.call(dialogue.TO_AGENT, made.sip)
        ringing = await agent.rings(within=15)
        await ringing.answer()
        await call.answered(within=10)
        yield
