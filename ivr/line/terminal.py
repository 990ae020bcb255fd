"""A line in the terminal: words appear as they would be spoken, keys typed are keys pressed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Protocol

from ivr.flow.duration import seconds
from ivr.flow.effects import (
    Dial,
    DialOutcome,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Listen,
    Play,
    PlayBack,
    Queued,
    Record,
    Recorded,
    Staying,
)
from ivr.flow.hearing import words_of
from ivr.flow.speech import Clip, Pause
from ivr.trial.given import Given
from ivr.wire.agi import LineLost

KEYS = "0123456789*#"
HANG_UP = "qQ\x04"


class Voice(Protocol):
    """What may be heard beside the words."""

    def begin(self, play: Play) -> Sequence[float]:
        """Begin to say it; return the second at which each item begins, and that of the end."""

    def stop(self) -> None:
        """Be silent at once. Safe when nothing sounds."""


class Silent:
    """No voice: the words appear about as fast as they would be said."""

    def begin(self, play: Play) -> Sequence[float]:
        """Return the estimated seconds; items before the first one take no time."""
        lengths = (
            seconds(item) * 100 / play.speed if index >= play.begin else 0.0
            for index, item in enumerate(play.utterance)
        )
        return list(accumulate(lengths, initial=0.0))

    def stop(self) -> None:
        """Nothing sounds."""


class TerminalLine:
    """A caller at a keyboard: 0–9, `*` and `#` are the phone's keys, `q` hangs up.

    `write` is given text as it comes, `given` tells what agents and numbers do, and `shown` how
    a key is shown: a secret one is not.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        voice: Voice | None = None,
        given: Given | None = None,
        shown: Callable[[str], str] = str,
    ) -> None:
        self.gone = asyncio.Event()
        self._write = write
        self._voice = voice or Silent()
        self._given = given or Given()
        self._shown = shown
        self._keys: list[str] = []
        self._pressed = asyncio.Event()
        # How the wait she stays in will end, and when by the loop's clock.
        self._wait_ends: tuple[Queued, float] | None = None

    @property
    def is_over(self) -> bool:
        """Whether the wait she stays in is over."""
        return self._left_of_wait() <= 0

    def press(self, key: str) -> None:
        """Take one key of the keyboard."""
        if key in HANG_UP:  # "" is the end of a keyboard that is a pipe
            self.gone.set()
        elif key in KEYS:
            self._write(f"\n⌨ {self._shown(key)}\n")
            self._keys.append(key)
        self._pressed.set()

    async def play(self, play: Play) -> Heard:
        """Write word after word, each for as long as it would be spoken."""
        self._write(f"\n♪ {play.speed}% ")
        starts = self._voice.begin(play)
        began = asyncio.get_running_loop().time()
        try:
            for index in range(play.begin, len(play.utterance)):
                words = _words(play.utterance[index], starts[index], starts[index + 1])
                for number, (text, until) in enumerate(words):
                    # Nothing was written yet when the first word of all comes.
                    self._write(text.lstrip() if (index, number) == (play.begin, 0) else text)
                    left = began + until - asyncio.get_running_loop().time()
                    if (keys := await self._wait(max(0.0, left))) or self.is_over:
                        return Heard(keys, index, number)
        finally:
            self._voice.stop()
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

    async def enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        """Wait as long as is given, and tell what came of it."""
        self._write(f"\n→ queue {enqueue.queue}: ")
        queued, lasts = self._given.queued(enqueue.queue, enqueue.longest)
        if enqueue.stays and lasts:
            self._wait_ends = queued, asyncio.get_running_loop().time() + lasts
            self._write("she waits\n")
            return Staying()
        return await self._end(queued, lasts)

    async def end_wait(self, end: EndWait) -> Queued:
        """Leave the queue, or wait to its end."""
        queued, lasts = self._wait_ends[0] if self._wait_ends else Queued("left"), 0.0
        if self._wait_ends and not self.is_over:
            queued, lasts = (Queued("left"), 0.0) if end.leaves else (queued, self._left_of_wait())
        self._wait_ends = None
        self._write("\n→ the wait is over: ")
        return await self._end(queued, lasts)

    def _left_of_wait(self) -> float:
        """Return the seconds left of the wait she stays in; for ever where she waits for none."""
        if self._wait_ends is None:
            return math.inf
        return max(0.0, self._wait_ends[1] - asyncio.get_running_loop().time())

    async def _end(self, queued: Queued, lasts: float) -> Queued:
        await self._wait_for_others(lasts)
        by = f" by {queued.agent}, who hangs up" if queued.agent else ""
        self._write(f"{queued.outcome}{by}\n")
        return queued

    async def dial(self, dial: Dial) -> DialOutcome:
        """Ring as long as is given, and tell what came of it."""
        self._write(f"\n→ dial {dial.number}: ")
        outcome, lasts = self._given.dialled(dial.number, dial.longest)
        await self._wait_for_others(lasts)
        self._write(f"{outcome}\n")
        return outcome

    async def hang_up(self, hang_up: HangUp) -> None:
        """Tell why it ends."""
        self._write(f"\n■ {hang_up.reason}\n")

    async def _wait(self, lasts: float) -> str:
        try:
            async with asyncio.timeout(min(lasts, self._left_of_wait())):
                while not self._keys and not self.gone.is_set():
                    self._pressed.clear()
                    await self._pressed.wait()
        except TimeoutError:
            return ""
        if self.gone.is_set():
            raise LineLost("the caller hung up")
        return self._take()

    async def _wait_for_others(self, lasts: float) -> None:
        """Wait while no key means anything; only hanging up ends it."""
        try:
            async with asyncio.timeout(lasts):
                await self.gone.wait()
        except TimeoutError:
            self._keys.clear()
            return
        raise LineLost("the caller hung up")

    def _take(self) -> str:
        keys, self._keys = "".join(self._keys), []
        return keys


def _words(item: Clip | Pause, begin: float, end: float) -> Iterator[tuple[str, float]]:
    """Yield what is written of an item, piece by piece, and the second until which it lasts."""
    if isinstance(item, Pause):
        yield item.mark, end
        return
    words = words_of(item)
    # A mark of punctuation lasts no time.
    ends = list(accumulate(any(map(str.isalnum, word)) for word in words))
    space = " " if item.language == "en" else ""
    for word, done in zip(words, ends, strict=True):
        yield space + word, begin + (end - begin) * done / max(1, ends[-1])
