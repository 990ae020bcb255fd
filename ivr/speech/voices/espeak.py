"""espeak-ng: robotic, but in every Debian, small, and never in need of a network."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ivr.flow.speech import Clip
from ivr.speech.pronunciation import ESPEAK, READINGS, SIGNS, spelled
from ivr.speech.voices.voice import VoiceError, named, sayable

# Never `cmn` or `zh`: in 1.51, which Debian 12 has, they read Mandarin out as English letters
# (您 is "nin two"; espeak-ng issues 1028, 1163, 1236, 1370). This one reads characters and
# pinyin alike.
_VOICES: Mapping[str, str] = {"cmn": "cmn-latn-pinyin", "yue": "yue", "en": "en-gb"}

# 100, the default, drives loud vowels to full scale; the clip is levelled afterwards anyway.
_AMPLITUDE = "60"

_SECONDS_TO_SPEAK = 60
_ABSENT = "espeak-ng is not installed: apt install espeak-ng"


class Espeak:
    """The voice that is always there."""

    licence = "made by a program (espeak-ng, GPL-3.0-or-later), which lays no claim to its output"

    def __init__(self) -> None:
        # Whoever corrects a pronunciation gets new recordings without remembering a version.
        self.name = named("espeak-ng", _VOICES, SIGNS, READINGS, ESPEAK, _AMPLITUDE)

    def languages(self) -> frozenset[str]:
        return frozenset(_VOICES)

    def absent(self) -> str | None:
        return None if shutil.which("espeak-ng") else _ABSENT

    def speak(self, clip: Clip, wav: Path) -> None:
        sayable(clip, "espeak-ng", self.languages())
        options = ["-v", _VOICES[clip.language], "-a", _AMPLITUDE, "-z", "-w", str(wav)]
        _, said = _run(options, spelled(clip.text, clip.language))
        # Where it cannot write, espeak-ng says so and ends as if all were well.
        if not wav.exists():
            raise VoiceError(f"espeak-ng wrote no recording ({said})")

    def close(self) -> None:
        pass


def ipa(words: str) -> str:
    """Return how English words sound, diphthongs and affricates tied with `^`.

    Raises VoiceError.
    """
    written, _ = _run(["-v", _VOICES["en"], "-q", "--ipa", "--tie=^"], words)
    return " ".join(written.split())


def _run(options: list[str], words: str) -> tuple[str, str]:
    """Run espeak-ng on the words and return what it wrote and what it complained of."""
    # The words come by stdin: on the command line `-w` in a text would be an option. `-b 1` is
    # UTF-8 whatever the locale; without `-m` no markup is obeyed; `-z` saves the pause after a
    # sentence, which would be trimmed.
    try:
        done = subprocess.run(
            ["espeak-ng", *options, "-b", "1", "--stdin"],
            input=words.encode(errors="replace"),
            capture_output=True,
            timeout=_SECONDS_TO_SPEAK,
        )
    except FileNotFoundError:
        raise VoiceError(_ABSENT) from None
    except subprocess.TimeoutExpired:
        raise VoiceError(f"espeak-ng was still busy after {_SECONDS_TO_SPEAK} s") from None
    said = " ".join(done.stderr.decode(errors="replace").split())[:300]
    if done.returncode:
        hint = ": apt install espeak-ng-data" if "voice does not exist" in said else ""
        raise VoiceError(f"espeak-ng failed ({said}){hint}")
    return done.stdout.decode(errors="replace"), said
