"""What a hotline holds: tasks, open files, memory, channels, calls; and what is left of callers."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from bench.load.gauge import cost
from ivr.switch import softswitch

_METRIC = re.compile(r"^(ivr_tasks|ivr_calls_in_progress) (\S+)", re.M)
_CHANNELS = re.compile(r"^(\d+) active channel", re.M)
_WAITING = re.compile(r"^\S+ has (\d+) calls ", re.M)
_ESTABLISHED = "01"
PREFIX = Path("~/.cache/ivr-hotline/asterisk").expanduser()


class Hotline(Protocol):
    """A hotline that runs: its state directory, its ports by name, and its API."""

    @property
    def state(self) -> Path: ...
    @property
    def ports(self) -> Mapping[str, int]: ...
    async def get(self, path: str) -> Any: ...


@dataclass(frozen=True)
class Census:
    """What a hotline holds at one moment; memory is in kilobytes, `agi` counts connections."""

    tasks: int
    calls: int
    controller_files: tuple[str, ...]
    controller_memory: int
    switch_files: int
    switch_memory: int
    channels: int
    waiting: int
    agi: int
    spooled: tuple[str, ...]

    def left(self, before: Census) -> list[str]:
        """Return what there is more of than there was before, memory aside."""
        names = ("tasks", "calls", "switch_files", "channels", "agi", "waiting")
        found = [
            f"{name.replace('_', ' ')}: {now}, before {was}"
            for name in names
            if (now := getattr(self, name)) > (was := getattr(before, name))
        ]
        if len(self.controller_files) > len(before.controller_files):
            more = Counter(self.controller_files) - Counter(before.controller_files)
            found.append(f"open in the controller: {', '.join(more.elements())}")
        return found + [
            f"in the spool: {name}" for name in self.spooled if name not in before.spooled
        ]


async def census(hotline: Hotline) -> Census:
    """Look at a hotline that runs."""
    parts = (await hotline.get("/healthz"))["parts"]
    controller = cost(parts["controller"]["pid"])
    switch = cost(parts["switch"]["pid"])
    url = f"http://127.0.0.1:{hotline.ports['http']}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        said = dict(_METRIC.findall(await response.text()))
    return Census(
        tasks=round(float(said["ivr_tasks"])),
        calls=round(float(said["ivr_calls_in_progress"])),
        controller_files=tuple(_opened(parts["controller"]["pid"], hotline.ports["http"])),
        controller_memory=controller.kilobytes,
        switch_files=switch.files,
        switch_memory=switch.kilobytes,
        channels=int(_CHANNELS.findall(await _console(hotline, "core show channels count"))[0]),
        waiting=sum(map(int, _WAITING.findall(await _console(hotline, "queue show")))),
        agi=_connections(hotline.ports["agi"]),
        spooled=tuple(sorted(_spooled(hotline.state / "spool"))),
    )


async def _console(hotline: Hotline, command: str) -> str:
    found = softswitch.find(PREFIX)
    assert found
    return await asyncio.to_thread(found.console, hotline.state / "etc", command)


def _connections(port: int) -> int:
    """Return how many connections to a port are open."""
    mine = f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(mine) and row[3] == _ESTABLISHED for row in rows)


def _opened(pid: int, web: int) -> Iterator[str]:
    """Name what a process has open: a file by its path, a connection by its two ports.

    Not who asks on the port `web`: that are we, whose question it may not have closed yet.
    """
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ports = {row[9]: [int(end.rpartition(":")[2], 16) for end in row[1:3]] for row in rows}
    for place in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed in the meantime
            name = os.readlink(place)
            here, there = ports.get(name.removeprefix("socket:[").rstrip("]"), (0, 0))
            if not (here == web and there):
                yield f"tcp {here}-{there}" if here else name


def _spooled(spool: Path) -> Iterator[str]:
    return (str(path.relative_to(spool)) for path in spool.rglob("*") if path.is_file())
