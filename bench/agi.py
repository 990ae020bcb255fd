"""What a call costs whoever leads it, by itself: our controller beside a bare panoramisk script.

    python -m bench.agi [CALLS] [ROUNDS]

A switch that costs nothing answers their commands; the dialogue is that of `bench.load`, the back
end and the record of the call are real. They take turns, so that the ratio holds on a busy machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.load import dialogue
from bench.load.gauge import cost
from bench.load.rig import Ground, ground, leading
from ivr.errors import IvrError
from ivr.running import secrets

AT_ONCE = 40
# A sound lasts so long until its key: long enough that calls do not march in step.
SOUND = 0.02
RUNNING = (
    "network: yes", "request: agi://127.0.0.1/{flow}", "channel: PJSIP/callers-{n:08x}",
    "language: en", "type: PJSIP", "uniqueid: 1790000000.{n}", "version: 22.10.1",
    "callerid: {number}", "calleridname: unknown", "callingpres: 0", "callingani2: 0",
    "callington: 0", "callingtns: 0", "dnid: 10086", "rdnis: unknown", "context: callers",
    "extension: 10086", "priority: 6", "enhanced: 0.0", "accountcode: ", "threadid: 140000000",
    "network_script: {flow}", "arg_1: {secret}",
)  # fmt: skip


class Call:
    """A caller on a switch, as far as a controller can tell."""

    def __init__(self, number: str) -> None:
        self._keys = iter(("2", *number, "0"))
        self._number = number
        self._typed = ""
        self._status = self._given = ""
        self.is_queued = self.reached = False

    async def answer(self, command: str) -> str:
        """Return the reply to a command, after what it does."""
        if read := re.search(r"\?Read\(\w+,,(\d+)", command):
            await asyncio.sleep(SOUND)
            self._given = "".join(next(self._keys) for _ in range(int(read[1])))
            self._typed += self._given
            return "200 result=0"
        if "ControlPlayback(" in command or command.startswith(("STREAM FILE", "GET DATA")):
            await asyncio.sleep(SOUND)
            if command.startswith("GET DATA"):
                for _ in self._number:
                    next(self._keys)
                return f"200 result={self._number}"
            key = next(self._keys, "")
            self._typed += key
            self._given = key
            self._status = "USERSTOPPED" if key else "SUCCESS"
            if command.startswith("STREAM"):
                return f"200 result={ord(key) if key else 0} endpos=8000"
            return "200 result=0"
        if command.startswith("GET FULL VARIABLE"):
            names = re.findall(r"\$\{(.*?)\}(?=\||\"|$)", command)
            return f"200 result=1 ({'|'.join(map(self._value, names))})"
        if command.startswith("EXEC Queue"):
            self.is_queued = self.reached = True
        return "200 result=0"

    def _value(self, name: str) -> str:
        known = {
            "CPLAYBACKSTATUS": self._status,
            "CPLAYBACKSTOPKEY": self._given,
            "IVR_TAKEN": self._given,
            "CPLAYBACKOFFSET": "1000" if self._status == "USERSTOPPED" else "",
            "CHANNEL(audionativeformat)": "(alaw)",
        }
        return self._typed if name.startswith("IVR_KEYS") else known.get(name, "")


async def call(port: int, flow: str, n: int, secret: str) -> int:
    """Place one call and hang up in the queue; return how many commands came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = "".join(f"agi_{line}\n" for line in RUNNING).format(
        flow=flow, n=n, secret=secret, number=f"139{n % 100_000_000:08d}"
    )
    writer.write(f"{said}\n".encode())
    caller = Call(dialogue.CUSTOMERS[n % len(dialogue.CUSTOMERS)])
    commands = 0
    # Whoever leads her may close before it has read that she has hung up.
    with contextlib.suppress(ConnectionError):
        while line := await reader.readline():
            commands += 1
            reply = await caller.answer(line.decode().strip())
            if caller.is_queued:
                await asyncio.sleep(SOUND)
                caller.is_queued = False
                writer.write(b"HANGUP\n")
            writer.write(f"{reply}\n".encode())
    writer.close()
    if not caller.reached:
        raise IvrError(f"a call of {flow} ended after {commands} commands, before the queue")
    return commands


async def load(
    port: int, flow: str, numbers: Iterator[int], calls: int, secret: str = "none"
) -> int:
    """Place so many calls; return how many commands they took together."""
    left = iter(range(calls))

    async def one_after_another() -> int:
        return sum([await call(port, flow, next(numbers), secret) for _ in left])

    return sum(await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE))))


async def main(calls: int, rounds: int) -> None:
    """Measure, and print the table."""
    found: dict[str, list[tuple[float, float]]] = {"engine": [], "bare": []}
    numbers = iter(range(10_000_000))
    with tempfile.TemporaryDirectory() as folder:
        async with ground(Path(folder) / "ground") as there:
            for _ in range(rounds):
                for who, costs in found.items():
                    costs.append(await _measured(there, who, numbers, calls))
    table = Table("led by", "commands a call", "ms of processor time a call", "spread")
    for who, costs in found.items():
        times = [time for _, time in costs]
        middle = f"{statistics.median(times):.2f}"
        table.add_row(who, f"{costs[0][0]:.0f}", middle, f"{min(times):.2f}–{max(times):.2f}")
    ratios = sorted(a[1] / b[1] for a, b in zip(*found.values(), strict=True))
    table.add_row("engine ÷ bare", "", f"{statistics.median(ratios):.2f}",
                  f"{ratios[0]:.2f}–{ratios[-1]:.2f}")  # fmt: skip
    Console().print(table)


async def _measured(
    there: Ground, who: str, numbers: Iterator[int], calls: int
) -> tuple[float, float]:
    flow = dialogue.FLOW if who == "engine" else "bare"
    port = there.settings.agi_port if who == "engine" else there.bare_port
    async with leading(there, who) as child:
        secret = there.secret(secrets.AGI) if who == "engine" else "none"
        await load(port, flow, numbers, AT_ONCE, secret)
        await asyncio.sleep(0.5)
        before = cost(child.pid)
        commands = await load(port, flow, numbers, calls, secret)
        await asyncio.sleep(0.5)  # what is kept of calls is written behind them
        spent = cost(child.pid).seconds - before.seconds
    return commands / calls, spent * 1000 / calls


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in (sys.argv[1:] or ["400", "3"]))))
