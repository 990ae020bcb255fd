"""What a voice is, and what each of them asks of words before it speaks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from ivr.errors import IvrError
from ivr.flow.speech import Clip
from ivr.speech.pronunciation import readable

# A clip is one breath. A text this long would be a mistake, and minutes of work.
LONGEST_TEXT = 1000

_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


class VoiceError(IvrError):
    """A voice cannot speak: it is not installed, lacks the language, or failed on the words."""


class Voice(Protocol):
    """Speaks clips. Called from several threads at once."""

    @property
    def name(self) -> str:
        """What tells its recordings from those of any other voice, or of an older self.

        Known without the engine being there.
        """

    @property
    def licence(self) -> str:
        """Under which terms its recordings may be passed on."""

    def languages(self) -> frozenset[str]:
        """Return the codes of the languages it speaks."""

    def absent(self) -> str | None:
        """Return None when it can speak here and now, else one line: why not and what to do.

        Never raises; asked again, it answers at once.
        """

    def speak(self, clip: Clip, wav: Path) -> None:
        """Write the clip as a RIFF WAVE file of any rate. Raises VoiceError."""

    def close(self) -> None:
        """End what it runs. Safe more than once; a closed voice speaks no more."""


def sayable(clip: Clip, voice: str, languages: frozenset[str]) -> str:
    """Return the words of a clip as any voice can read them.

    Raises VoiceError where `voice`, named so in the message, should not even try.
    """
    if clip.language not in languages:
        raise VoiceError(f"{voice} has no voice here for the language '{clip.language}'")
    if len(clip.text) > LONGEST_TEXT:
        raise VoiceError(
            f"a clip of {len(clip.text)} characters is too long to speak; the most is "
            f"{LONGEST_TEXT}: '{clip.text[:40]}…'"
        )
    words = readable(clip.text, clip.language)
    if not any(character.isalnum() for character in words):
        raise VoiceError(f"there is nothing to say in '{clip.text}'")
    if clip.language == "en" and (chinese := _CHINESE.search(words)):
        # espeak-ng would say "Chinese letter", others nothing at all.
        raise VoiceError(f"an English voice cannot read '{chinese[0]}' in '{clip.text}'")
    return words


def named(voice: str, *recipe: object) -> str:
    """Return a name that changes with anything of the recipe that its recordings depend on."""
    plain = [sorted(part.items()) if isinstance(part, Mapping) else part for part in recipe]
    return f"{voice}-{hashlib.sha256(repr(plain).encode()).hexdigest()[:12]}"
