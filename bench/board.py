"""What the wallboard costs with 1,000 agents at 20 desks and 2,000 events a second: a table.

    python -m bench.board

A switch in another process tells the lives of callers over AMI, and listens to the picture as the
wallboard does (`GET /api/events`). Measured are the controller's part of a core, and how long it
takes until a caller who has come is in the picture that a listener has. Raw data goes to
bench/results/.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import multiprocessing
import socket
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from rich.console import Console
from rich.table import Table

from bench.load.results import counted, keep_anyhow, values
from bench.load.shown import share
from ivr.desk.ledger import Ledger
from ivr.desk.link import Login
from ivr.desk.watch import Watch
from ivr.store.database import Database
from ivr.store.waits import Waits
from ivr.waits.numbers import Numbers
from ivr.web.desks import DeskViews
from ivr.web.site import serving
from tests.desk.fake_switch import FakeSwitch, frame

AGENTS, DESKS, EVENTS, SECONDS, SLICE = 1000, 20, 2000, 20, 0.01
FREE, TALKS, RINGS = 1, 2, 6


async def main() -> None:
    """Measure, and print the table."""
    ours, theirs = multiprocessing.Pipe()
    other = multiprocessing.get_context("spawn").Process(target=switch, args=(theirs,))
    other.start()
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{Path(folder) / 'calls.db'}")
        ledger = Ledger(f"desk{n}" for n in range(DESKS))
        ami, http = await asyncio.to_thread(ours.recv), _free()
        async with Watch(Login("127.0.0.1", ami, "controller", "right"), ledger=ledger) as watch:
            numbers = Numbers(watch.board, ledger, Waits(database))
            views = DeskViews(numbers.look, Waits(database), dict)
            pages = web.Application()
            views.add_to(pages)
            site = serving(pages, "127.0.0.1", http)
            async with numbers.counting(), views.events.looking(), site:
                ours.send(http)
                await asyncio.to_thread(ours.recv)  # the flood begins
                began, used = time.monotonic(), time.process_time()
                shown, told, late = await asyncio.to_thread(ours.recv)
                used, lasted = time.process_time() - used, time.monotonic() - began
        await database.close()
    other.join()
    row = {
        "agents": AGENTS,
        "desks": DESKS,
        "events_a_second": told / lasted,
        "seconds": lasted,
        "core": used / lasted,
        "shown": counted(shown),
    }
    keep_anyhow("board", [row])
    table = Table(*HEAD)
    table.add_row(*cells(row))
    offered = sum(sums.offered for sums in ledger.sums().values())
    console = Console()
    console.print(table)
    console.print(f"{offered:,} callers; the flood was {late * 1000:.0f} ms late at most")


HEAD = [
    "agents", "desks", "events a second", "controller, % of a core",
    "until a caller is shown p50, p99, longest, ms",
]  # fmt: skip


def cells(row: Mapping[str, Any]) -> list[str]:
    """Return what is kept of a run as the columns of a table."""
    ages = ", ".join(f"{share(values(row['shown']), part):.0f}" for part in (0.5, 0.99, 1))
    counts = (f"{row[name]:,.0f}" for name in ("agents", "desks", "events_a_second"))
    return [*counts, f"{row['core']:.0%}".rstrip("%"), ages]


def switch(pipe: Connection) -> None:
    """Be the switch and the listener: another process, whose work is not the controller's."""
    asyncio.run(_switch(pipe))


async def _switch(pipe: Connection) -> None:
    fake = FakeSwitch()
    fake.queue_status = _listed()
    await fake.start()
    pipe.send(fake.port)
    http = await asyncio.to_thread(pipe.recv)
    await fake.until(lambda: bool(fake.asked("QueueStatus")))
    events = list(itertools.islice(_lives(), EVENTS * SECONDS))
    came: deque[float] = deque()
    shown: list[float] = []
    ready, whole = asyncio.Event(), asyncio.Event()
    listening = asyncio.create_task(_listen(http, came, shown, ready, whole))
    await ready.wait()
    pipe.send("begins")
    began, at_once, late = time.monotonic(), round(EVENTS * SLICE), 0.0
    for n in range(0, len(events), at_once):
        due = began + n / EVENTS
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        late = max(late, time.monotonic() - due)
        part = events[n : n + at_once]
        came.extend(time.monotonic() for each in part if each.startswith(b"Event: QueueCallerJoin"))
        await fake.send(b"".join(part))
    while came:
        whole.clear()
        await whole.wait()
    pipe.send((shown, len(events), late))
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await fake.stop()


async def _listen(
    http: int,
    came: deque[float],
    shown: list[float],
    ready: asyncio.Event,
    told: asyncio.Event,
) -> None:
    """Note of each caller who came how long it took until she was in the picture."""
    offered: dict[str, int] = {}
    timeout = aiohttp.ClientTimeout(total=None)
    url = f"http://127.0.0.1:{http}/api/events"
    async with (
        aiohttp.ClientSession(timeout=timeout, read_bufsize=2**22) as session,
        session.get(url) as response,
    ):
        async for line in response.content:
            if line.startswith(b"data: "):
                desks = json.loads(line[6:])["desks"]
                offered |= {desk["name"]: desk["sums"]["offered"] for desk in desks}
                now = time.monotonic()
                while came and len(shown) < sum(offered.values()):
                    shown.append(now - came.popleft())
                ready.set()
                told.set()


def _listed() -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    for n in range(DESKS):
        items.append({"Event": "QueueParams", "Queue": f"desk{n}", "Max": 50, "Calls": 0})
        items += [
            {"Event": "QueueMember", **_member(f"desk{n}", agent, FREE)}
            for agent in range(n, AGENTS, DESKS)
        ]
    return items


def _member(desk: str, agent: int, status: int) -> dict[str, object]:
    phone = f"PJSIP/{3000 + agent}"
    return {
        "Queue": desk, "MemberName": f"agent {agent}", "Name": f"agent {agent}",
        "Interface": phone, "Location": phone, "StateInterface": phone, "Membership": "static",
        "Penalty": 0, "CallsTaken": 3, "LastCall": 0, "LastPause": 0, "LoginTime": 1790000000,
        "InCall": int(status == TALKS), "Status": status, "Paused": 0, "PausedReason": "",
        "Ringinuse": 0, "Wrapuptime": 0,
    }  # fmt: skip


def _lives() -> Iterator[bytes]:
    """Yield the events of callers who come, are rung for, talk and go, many at the same time."""
    lives = [_life(n) for n in range(AGENTS)]
    for n in itertools.count():
        yield next(lives[(n * 7) % AGENTS])


def _life(agent: int) -> Iterator[bytes]:
    """Yield the events of one agent's callers, one after the other, as app_queue tells them."""
    desk = f"desk{agent % DESKS}"
    for number in itertools.count():
        caller = f"1795338000.{agent * 1000 + number}"
        channel: dict[str, object] = {
            "Channel": f"PJSIP/callers-{number:08x}", "ChannelState": 6, "ChannelStateDesc": "Up",
            "CallerIDNum": f"139{agent:08}", "CallerIDName": "<unknown>", "Language": "en",
            "ConnectedLineNum": "<unknown>", "ConnectedLineName": "<unknown>", "AccountCode": "",
            "Context": "callers", "Exten": "10086", "Priority": 6, "Uniqueid": caller,
            "Linkedid": caller, "Queue": desk,
        }  # fmt: skip
        yield frame(Event="QueueCallerJoin", **channel, Position=1, Count=1)
        yield frame(Event="AgentCalled", **channel, Interface=f"PJSIP/{3000 + agent}")
        yield frame(Event="QueueMemberStatus", **_member(desk, agent, RINGS))
        yield frame(Event="QueueCallerLeave", **channel, Position=1, Count=0)
        yield frame(Event="AgentConnect", **channel, HoldTime=3, RingTime=2)
        yield frame(Event="QueueMemberStatus", **_member(desk, agent, TALKS))
        yield frame(Event="AgentComplete", **channel, HoldTime=3, TalkTime=148, Reason="agent")
        yield frame(Event="QueueMemberStatus", **_member(desk, agent, FREE))


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())
