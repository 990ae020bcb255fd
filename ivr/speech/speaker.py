"""Speaking: an utterance becomes one sound that the switch can play."""

from __future__ import annotations

from ivr.flow.speech import Utterance
from ivr.speech.clips import Clips
from ivr.speech.compose import Sound, beep, compose, silence
from ivr.speech.shelf import Shelf


class Speaker:
    """Puts sounds on the shelf; names are absolute and without ending, as Asterisk plays them."""

    def __init__(self, clips: Clips, shelf: Shelf) -> None:
        self._clips = clips
        self._shelf = shelf

    def sound(self, utterance: Utterance, speed: int, begin: int = 0) -> tuple[Sound, str]:
        """Return an utterance from item `begin` on as one sound, and its name.

        Raises ClipMissing for a clip that was never built, ShelfError for a disk that is full.
        """
        sound = compose(utterance, speed, self._clips.load, begin)
        return sound, self._shelf.place(sound.audio)

    def silence(self, seconds: float) -> str:
        """Return the name of so much silence."""
        return self._shelf.place(silence(seconds))

    def beep(self) -> str:
        """Return the name of the tone after which a caller speaks."""
        return self._shelf.place(beep())
