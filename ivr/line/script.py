"""A line played by a script: keys in, what was heard out. For tests and `ivr try --keys`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

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
from ivr.flow.speech import Clip, text_of
from ivr.wire.agi import LineLost

HANG_UP = "hangup"
SILENCE = "-"


@dataclass
class ScriptLine:
    """A caller who presses the next of `keys` whenever she is spoken to or listened to.

    Each item is one press or several (`13800138000`); it comes while the last words of what is
    being said are spoken, `-` stays silent once, and `hangup` hangs up. A caller with no keys
    left listens on; where she waits in a queue, it is over then. `tell` is given one line for
    everything that happens.
    """

    keys: Iterable[str] = ()
    queued: Queued = field(default_factory=lambda: Queued("answered", "1001"))
    dialled: DialOutcome = "answered"
    silent_recording: bool = False
    tell: Callable[[str], None] = lambda line: None
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    heard: list[str] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._next = deque(self.keys)
        self._is_done = False

    @property
    def is_over(self) -> bool:
        """Whether the wait she stays in is over: she has had no key left to press."""
        return self._is_done

    async def play(self, play: Play) -> Heard:
        """Hear it to its last words, then press."""
        words = text_of(play.utterance[play.begin :])
        self.heard.append(words)
        language = next((x.language for x in play.utterance if isinstance(x, Clip)), "")
        self.tell(f"♪ {language} {play.speed}% {words}")
        keys = self._press()
        spoken = [i for i, item in enumerate(play.utterance) if isinstance(item, Clip)]
        last = max([play.begin, *spoken]) if keys else len(play.utterance)
        return Heard(keys, last)

    async def listen(self, listen: Listen) -> str:
        """Press the next, or stay silent; the music asks her nothing."""
        if listen.rests:
            self._is_done |= not self._next
            return ""
        return self._press()

    async def record(self, record: Record) -> Recorded:
        """Leave a message."""
        self.tell("● a message is recorded")
        return Recorded("script.wav", 0.0 if self.silent_recording else 3.0, self.silent_recording)

    async def play_back(self, play_back: PlayBack) -> str:
        """Hear the message to its end, then press."""
        self.tell("● the message is played")
        return self._press()

    async def enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        """Wait in a queue."""
        self.reached.append(f"queue {enqueue.queue}")
        can_wait = self.queued.outcome in ("answered", "unanswered") and not self.queued.left
        if enqueue.stays and self._next and can_wait:
            self.tell(f"→ queue {enqueue.queue}")
            return Staying()
        self.tell(f"→ queue {enqueue.queue}: {self.queued.outcome}")
        return self.queued

    async def end_wait(self, end: EndWait) -> Queued:
        """Leave the queue, or wait to the end."""
        queued = Queued("left") if end.leaves else self.queued
        self.tell(f"→ the wait is over: {queued.outcome}")
        return queued

    async def dial(self, dial: Dial) -> DialOutcome:
        """Ring a number."""
        self.reached.append(f"dial {dial.number}")
        self.tell(f"→ dial {dial.number}: {self.dialled}")
        return self.dialled

    async def hang_up(self, hang_up: HangUp) -> None:
        """Be hung up on."""
        self.reached.append("hangup")
        self.tell(f"■ {hang_up.reason}")

    def _press(self) -> str:
        self._is_done |= not self._next
        keys = self._next.popleft() if self._next else SILENCE
        if keys == SILENCE:
            return ""
        if keys == HANG_UP:
            self.tell("■ the caller hangs up")
            self.gone.set()
            raise LineLost("the script hangs up")
        self.tell(f"⌨ {keys}")
        return keys
