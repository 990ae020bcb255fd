"""The parts of a hotline: child processes, started again when they end, taken down in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import IO

from ivr.config import Settings
from ivr.errors import IvrError

# Taken down in this order: first no more calls are led, then the switch ends those there are,
# and the back end goes when nobody can ask it any more.
PARTS = ("controller", "switch", "backend")
# A second controller, ready to take over. Which of the two leads the calls, they settle themselves.
STANDBY = "standby"
SECONDS_TO_END = 15.0
# A part that ends by itself is started again, after a pause that keeps a broken one from racing.
SECONDS_TO_RESTART = 1.0


class Parts:
    """The child processes of one hotline, each in a session of its own.

    With `of_drafts` the controller leads calls by the draft that lies in the state directory.
    """

    def __init__(self, settings: Settings, say: Callable[[str], None], *, of_drafts: bool) -> None:
        self._settings = settings
        self._say = say
        self._of_drafts = of_drafts
        self.children: dict[str, asyncio.subprocess.Process] = {}

    async def start(self, slot: str) -> None:
        """Start one of `PARTS`, or the controller that stands by."""
        part = _part(slot)
        drafts = ["--drafts"] if self._of_drafts and part == "controller" else []
        with self._output(part) as output:
            self.children[slot] = await asyncio.create_subprocess_exec(
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
                cwd=self._settings.root,
                start_new_session=True,
                env={**os.environ, **self._settings.environment()},
            )

    def _output(self, part: str) -> IO[bytes]:
        folder = self._settings.log
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return (folder / f"{part}.out").open("ab")

    async def keep_up(self, slot: str) -> None:
        """Start a part again whenever it ends, until cancelled."""
        while True:
            status = await self.children[slot].wait()
            self._say(f"the {_part(slot)} ended by itself (status {status}) and is started again")
            await self._start_again(slot)

    async def _start_again(self, slot: str) -> None:
        while True:
            await asyncio.sleep(SECONDS_TO_RESTART)
            try:
                return await self.start(slot)
            except OSError as fault:  # no memory, or no file: it may be there in a second
                self._say(f"the {_part(slot)} cannot be started just now: {fault}")

    def check(self) -> None:
        """Raise `IvrError`, with its last words, where a part has ended."""
        for slot, child in self.children.items():
            if child.returncode is not None:
                raise IvrError(f"the {slot} did not start:\n{self.last_words(slot)}")

    def last_words(self, part: str) -> str:
        """Return the last lines of what a part has written, for people."""
        lines = (self._settings.log / f"{part}.out").read_text(errors="replace")
        return "\n".join(f"  {line}" for line in lines.splitlines()[-8:])

    def controllers(self) -> list[asyncio.subprocess.Process]:
        """Return the controllers there are: the one that leads, and the one that stands by."""
        slots = ("controller", STANDBY)
        return [self.children[slot] for slot in slots if slot in self.children]

    async def end(self, leads: int) -> None:
        """End every part in order; `leads` is the process of the controller that leads calls."""
        # Whoever stands by goes first: it would take over.
        for child in sorted(self.controllers(), key=lambda child: child.pid == leads):
            await end(child)
        for part in PARTS[1:]:
            if part in self.children:
                await end(self.children[part])


async def end(child: asyncio.subprocess.Process) -> None:
    """End a process: told, and killed where it does not go in time."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), SECONDS_TO_END)
            return


def _part(slot: str) -> str:
    return "controller" if slot == STANDBY else slot
