"""Speaking: an utterance becomes one sound that the switch can play."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Protocol

from ivr.flow.speech import Clip, Pause, Utterance
from ivr.speech.compose import Timing, compose
from ivr.speech.quiet import beep
from ivr.speech.shelf import Shelf

# Utterances whose sounds are remembered, 1 to 4 kB each. The shipped prompts, in all languages,
# speeds and forms, are about half of it; the rest are what callers were told of themselves.
_MOST_KNOWN = 4096


class Loader(Protocol):
    """Where clips come from: `Clips`."""

    def load(self, clip: Clip, speed: int, form: str) -> bytes:
        """Return a clip at a speed, in percent, in a form."""


class Speaker:
    """Puts sounds on the shelf; names are absolute and without ending, as Asterisk plays them.

    What was composed once is not composed again as long as the shelf has it. Safe to use from
    threads.
    """

    def __init__(self, clips: Loader, shelf: Shelf, most_known: int = _MOST_KNOWN) -> None:
        self._clips = clips
        self._shelf = shelf
        self._most_known = most_known
        self._known: OrderedDict[tuple[Utterance, int, int, str], tuple[Timing, str]]
        self._known = OrderedDict()
        self._lock = threading.Lock()

    def sound(
        self, utterance: Utterance, speed: int, begin: int = 0, form: str = "alaw"
    ) -> tuple[Timing, str]:
        """Return when the items of an utterance are spoken, from item `begin` on, and its name.

        Raises ClipMissing for a clip that was never built, ShelfError for a disk that is full.
        """
        wanted = (utterance, speed, begin, form)
        with self._lock:
            known = self._known.get(wanted)
            if known is not None:
                self._known.move_to_end(wanted)
        if known is not None and self._shelf.keep(known[1], form):
            return known
        sound = compose(utterance, speed, self._clips.load, begin, form)
        made = (sound.timing, self._shelf.place(sound.audio, form))
        with self._lock:
            self._known[wanted] = made
            if len(self._known) > self._most_known:
                self._known.popitem(last=False)
        return made

    def silence(self, seconds: float, form: str = "alaw") -> str:
        """Return the name of so much silence."""
        return self.sound((Pause(seconds),), 100, 0, form)[1]

    def beep(self, form: str = "alaw") -> str:
        """Return the name of the tone after which a caller speaks."""
        return self._shelf.place(beep(form), form)
