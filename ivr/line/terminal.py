"""A line in the terminal: words appear as they would be spoken, keys typed are keys pressed."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ivr.flow.duration import seconds
from ivr.flow.effects import (
    Dial,
    DialOutcome,
    Enqueue,
    HangUp,
    Heard,
    Listen,
    Play,
    PlayBack,
    Queued,
    Record,
    Recorded,
)
from ivr.flow.speech import Clip, Pause
from ivr.wire.agi import LineLost

KEYS = "0123456789*#"
HANG_UP = "qQ\x04"


@contextmanager
def keyboard(terminal: TerminalLine) -> Iterator[None]:
    """Give the terminal's keys to the line, one by one, while the block runs."""
    stdin, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    before = termios.tcgetattr(stdin)
    tty.setcbreak(stdin)

    def typed() -> None:
        # Not by sys.stdin: it reads on into a buffer of its own, of which the loop knows nothing.
        for key in list(os.read(stdin, 256).decode("latin-1")) or [""]:
            terminal.press(key)

    loop.add_reader(stdin, typed)
    try:
        yield
    finally:
        loop.remove_reader(stdin)
        termios.tcsetattr(stdin, termios.TCSADRAIN, before)


class TerminalLine:
    """A caller at a keyboard: 0–9, `*` and `#` are the phone's keys, `q` hangs up."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.gone = asyncio.Event()
        self._write = write
        self._keys: list[str] = []
        self._pressed = asyncio.Event()

    def press(self, key: str) -> None:
        """Take one key of the keyboard."""
        if key in HANG_UP:  # "" is the end of a keyboard that is a pipe
            self.gone.set()
        elif key in KEYS:
            self._write(f"\n⌨ {key}\n")
            self._keys.append(key)
        self._pressed.set()

    async def play(self, play: Play) -> Heard:
        """Write clip after clip, each for as long as it would be spoken."""
        self._write(f"\n♪ {play.speed}% ")
        for index, item in enumerate(play.utterance[play.begin :], start=play.begin):
            english = isinstance(item, Clip) and item.language == "en"
            self._write(item.mark if isinstance(item, Pause) else item.text + " " * english)
            if keys := await self._wait(seconds(item) * 100 / play.speed):
                return Heard(keys, index)
        return Heard(self._take(), len(play.utterance))

    async def listen(self, listen: Listen) -> str:
        """Wait for a key."""
        return await self._wait(listen.seconds)

    async def record(self, record: Record) -> Recorded:
        """Let the caller end the message with #, or by a silence."""
        self._write("\n● recording: # ends it\n")
        keys = await self._wait(record.silence)
        return Recorded("terminal.wav", 3.0, silent=not keys)

    async def play_back(self, play_back: PlayBack) -> str:
        """Let the caller believe that the message is played."""
        self._write("\n● the message is played\n")
        return await self._wait(3.0)

    async def enqueue(self, enqueue: Enqueue) -> Queued:
        """Tell where the caller is."""
        self._write(f"\n→ queue {enqueue.queue}: an agent answers and hangs up\n")
        return Queued("answered", "1001")

    async def dial(self, dial: Dial) -> DialOutcome:
        """Tell who is rung."""
        self._write(f"\n→ dial {dial.number}: somebody answers and hangs up\n")
        return "answered"

    async def hang_up(self, hang_up: HangUp) -> None:
        """Tell why it ends."""
        self._write(f"\n■ {hang_up.reason}\n")

    async def _wait(self, seconds: float) -> str:
        try:
            async with asyncio.timeout(seconds):
                while not self._keys and not self.gone.is_set():
                    self._pressed.clear()
                    await self._pressed.wait()
        except TimeoutError:
            return ""
        if self.gone.is_set():
            raise LineLost("the caller hung up")
        return self._take()

    def _take(self) -> str:
        keys, self._keys = "".join(self._keys), []
        return keys
