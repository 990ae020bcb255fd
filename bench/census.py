"""What a hotline holds: tasks, open files, memory, channels, calls; and what is left of callers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.load.gauge import cost
from ivr.switch import softswitch
from tests.calls.hotline import Hotline

_METRIC = re.compile(r"^(ivr_tasks|ivr_calls_in_progress) (\S+)", re.M)
_CHANNELS = re.compile(r"^(\d+) active channel", re.M)
_WAITING = re.compile(r"^\S+ has (\d+) calls ", re.M)
_ESTABLISHED = "01"
PREFIX = Path("~/.cache/ivr-hotline/asterisk").expanduser()


@dataclass(frozen=True)
class Census:
    """What a hotline holds at one moment; memory is in kilobytes, `agi` counts connections."""

    tasks: int
    calls: int
    controller_files: int
    controller_memory: int
    switch_files: int
    switch_memory: int
    channels: int
    waiting: int
    agi: int
    spooled: tuple[str, ...]

    def left(self, before: Census) -> list[str]:
        """Return what there is more of than there was before, memory aside."""
        names = ("tasks", "calls", "controller_files", "switch_files", "channels", "agi", "waiting")
        found = [
            f"{name.replace('_', ' ')}: {now}, before {was}"
            for name in names
            if (now := getattr(self, name)) > (was := getattr(before, name))
        ]
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
        controller_files=controller.files,
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


def _spooled(spool: Path) -> Iterator[str]:
    return (str(path.relative_to(spool)) for path in spool.rglob("*") if path.is_file())
