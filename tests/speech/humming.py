"""Voices that hum, a store of clips that they speak, and what is heard of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile

from ivr.flow.speech import Clip
from ivr.speech.clips import Clips
from ivr.speech.takes import Takes
from ivr.speech.voices import Voice, VoiceError
from tests.speech.sound import decoded, pitch, tone

SPEEDS = (60, 100, 150)
NARROW = ("alaw", "ulaw")
HELLO = Clip("你好", "cmn")
SAME_WORDS = Clip("你好", "yue")
BYE = Clip("goodbye", "en")


class Hums:
    """A voice that hums each clip at a pitch of its own, when it is there and can say it."""

    licence = "none"

    def __init__(
        self, name: str, hertz: int = 200, cannot: Sequence[str] = (), away: str | None = None
    ) -> None:
        self.name = name
        self.hertz = hertz
        self.away = away
        self.said: list[str] = []
        self._cannot = cannot

    def languages(self) -> frozenset[str]:
        return frozenset({"cmn", "yue", "en"})

    def absent(self) -> str | None:
        return self.away

    def speak(self, clip: Clip, wav: Path) -> None:
        self.said.append(clip.text)
        if clip.text in self._cannot:
            raise VoiceError(f"{self.name} is hoarse")
        soundfile.write(wav, tone(self.hertz, 0.4), 24_000)

    def close(self) -> None:
        """There is nothing to end."""


class Unplugged(Hums):
    """A voice whose line breaks at the second clip."""

    def speak(self, clip: Clip, wav: Path) -> None:
        if self.said:
            self.away = "the line is down"
            raise VoiceError("no answer")
        super().speak(clip, wav)


def quiet(done: int, of: int) -> None:
    """Watch no progress."""


def heard_by(*names: str) -> Mapping[str, Sequence[str]]:
    return dict.fromkeys(("cmn", "yue", "en"), names)


def store(root: Path, *voices: Voice, takes: Takes | None = None) -> Clips:
    """A store that prefers takes, then the voices as given, each by its own name."""
    names = [voice.name for voice in voices]
    by_name = dict(zip(names, voices, strict=True))
    takes = Takes(root / "takes") if takes is None else takes
    return Clips(root / "built", takes, heard_by("recorded", *names), by_name)


def files(root: Path) -> list[Path]:
    return sorted(path for path in (root / "built").rglob("*") if path.is_file())


def build(clips: Clips, *wanted: Clip, speeds: Sequence[int] = (100,)) -> list[str]:
    """Build the clips and return what was said."""
    said: list[str] = []
    clips.build(wanted, speeds, ("alaw",), quiet, said.append)
    return said


def heard(clips: Clips, clip: Clip) -> int:
    """Return the pitch at which a clip is heard, which tells from whom."""
    return round(pitch(decoded(clips.load(clip, 100))) / 10) * 10


def recorded(takes: Takes, clip: Clip, hertz: int, voice: str = "Ms Lam") -> None:
    takes.keep(clip, "x.1", tone(hertz, 0.4).astype(np.float32), 24_000, voice, "ours")
