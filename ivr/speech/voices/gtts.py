"""gTTS: Google's voices, over the network, when prompts are built. The only good Cantonese one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from ivr.flow.speech import Clip
from ivr.speech.pronunciation import SIGNS
from ivr.speech.voices.engine import Engine, serve
from ivr.speech.voices.home import Home
from ivr.speech.voices.voice import VoiceError, named, sayable

_LANGUAGES: Mapping[str, str] = {"cmn": "zh-CN", "yue": "yue", "en": "en"}
# Change it when Google's voices have changed and the prompts shall have the new ones.
_VERSION = 1
# Where the network lets requests vanish, a build must not wait five minutes for each clip.
_SECONDS = 60.0


class Gtts:
    """One process, which asks for one clip at a time; it ends at `close`."""

    licence = "Google's terms of service, which do not give leave to pass recordings on"

    def __init__(self, home: Home | None = None) -> None:
        self._home = home or Home()
        self._engine = Engine("gtts", self._command, seconds=_SECONDS)
        self.name = named("gtts", _LANGUAGES, SIGNS, _VERSION)

    def languages(self) -> frozenset[str]:
        return frozenset(_LANGUAGES)

    def absent(self) -> str | None:
        """Return why it cannot speak; the first time this may try the network for 5 s."""
        return self._absent

    def speak(self, clip: Clip, wav: Path) -> None:
        words = sayable(clip, "gtts", self.languages())
        if self._absent:
            raise VoiceError(self._absent)
        language = _LANGUAGES[clip.language]
        self._engine.ask({"speak": words, "language": language, "wav": str(wav.absolute())})

    def close(self) -> None:
        self._engine.close()

    @cached_property
    def _absent(self) -> str | None:
        if self._home.python_with("gtts") is None:
            return "gtts is not installed: make voices, or pip install 'ivr-hotline[gtts]'"
        try:
            self._engine.ask({})
        except VoiceError as problem:
            return f"{problem}: it speaks only where there is internet"
        return None

    def _command(self) -> list[str]:
        if (python := self._home.python_with("gtts")) is None:
            raise VoiceError("is not installed any more: make voices")
        return serve(python, "gtts")
