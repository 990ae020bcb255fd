"""Voices: words become a recording.

A voice knows its languages and speaks one clip into one file. Another engine is another class
with these three members; nothing else knows where a recording came from.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from ivr.errors import IvrError
from ivr.flow.speech import Clip
from ivr.speech.pronunciation import PRONUNCIATION, spelled


class VoiceError(IvrError):
    """A voice cannot speak: it is not installed, lacks the language, or failed on the words."""


class Voice(Protocol):
    """Speaks clips. Called from several threads at once."""

    @property
    def name(self) -> str:
        """What tells its recordings from those of any other voice, or of an older self."""

    def languages(self) -> frozenset[str]:
        """Return the codes of the languages it speaks."""

    def speak(self, clip: Clip, wav: Path) -> None:
        """Write the clip as a RIFF WAVE file of any rate. Raises VoiceError."""


# Never `cmn` or `zh`: in 1.51, which Debian 12 has, they read Mandarin out as English letters
# (您 is "nin two"; espeak-ng issues 1028, 1163, 1236, 1370). This one reads characters and
# pinyin alike.
_ESPEAK_VOICES: Mapping[str, str] = {"cmn": "cmn-latn-pinyin", "yue": "yue", "en": "en-gb"}

# 100, the default, drives loud vowels to full scale; the clip is levelled afterwards anyway.
_AMPLITUDE = "60"

# A clip is one breath. A text this long would be a mistake, and minutes of work.
LONGEST_TEXT = 1000
_SECONDS_TO_SPEAK = 60


class Espeak:
    """espeak-ng: robotic, but in every Debian, small, and never in need of a network."""

    def __init__(self) -> None:
        # Whoever corrects a pronunciation gets new recordings without remembering a version.
        recipe = repr((sorted(_ESPEAK_VOICES.items()), sorted(PRONUNCIATION.items()), _AMPLITUDE))
        self.name = f"espeak-ng-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"

    def languages(self) -> frozenset[str]:
        return frozenset(_ESPEAK_VOICES)

    def speak(self, clip: Clip, wav: Path) -> None:
        if (voice := _ESPEAK_VOICES.get(clip.language)) is None:
            raise VoiceError(f"espeak-ng has no voice here for the language '{clip.language}'")
        if len(clip.text) > LONGEST_TEXT:
            raise VoiceError(
                f"a clip of {len(clip.text)} characters is too long to speak; the most is "
                f"{LONGEST_TEXT}: '{clip.text[:40]}…'"
            )
        words = spelled(clip.text, clip.language)
        if not any(character.isalnum() for character in words):
            raise VoiceError(f"there is nothing to say in '{clip.text}'")
        # The words come by stdin: on the command line `-w` in a text would be an option. `-b 1`
        # is UTF-8 whatever the locale; without `-m` no markup is obeyed; `-z` saves the pause
        # after a sentence, which would be trimmed.
        command = ["espeak-ng", "-v", voice, "-a", _AMPLITUDE, "-b", "1", "-z", "--stdin"]
        said = _run([*command, "-w", str(wav)], words)
        # Where it cannot write, espeak-ng says so and ends as if all were well.
        if not wav.exists():
            raise VoiceError(f"espeak-ng wrote no recording ({said})")


def _run(command: list[str], words: str) -> str:
    """Run espeak-ng on the words and return what it said on stderr."""
    try:
        done = subprocess.run(
            command,
            input=words.encode(errors="replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_SECONDS_TO_SPEAK,
        )
    except FileNotFoundError:
        raise VoiceError("espeak-ng is not installed: apt install espeak-ng") from None
    except subprocess.TimeoutExpired:
        raise VoiceError(f"espeak-ng was still busy after {_SECONDS_TO_SPEAK} s") from None
    said = " ".join(done.stderr.decode(errors="replace").split())[:300]
    if done.returncode:
        hint = ": apt install espeak-ng-data" if "voice does not exist" in said else ""
        raise VoiceError(f"espeak-ng failed ({said}){hint}")
    return said
