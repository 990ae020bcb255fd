"""The sound of a call that is played in the terminal, through whatever player is there."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import soundfile

from ivr.flow.effects import Play
from ivr.line.terminal import Silent
from ivr.speech.clips import ClipMissing
from ivr.speech.compose import Load, compose
from ivr.speech.quiet import RATE

# Each plays the file named behind it and shows nothing; in the order they are tried.
PLAYERS = (
    ("paplay",),
    ("pw-play",),
    ("aplay", "-q"),
    ("play", "-q"),
    ("ffplay", "-loglevel", "quiet", "-nodisp", "-autoexit"),
)


class Loud:
    """A voice that is heard. Where it cannot be, it tells why, once, and the words go on alone."""

    def __init__(self, load: Load, form: str, folder: Path, tell: Callable[[str], None]) -> None:
        """`load` gives clips in a form, `alaw` or `ulaw`; sounds are put into `folder`."""
        self._load = load
        self._form = form
        self._file = folder / "said.wav"
        self._tell = tell
        self._player = next((p for p in PLAYERS if shutil.which(p[0])), None)
        self._playing: subprocess.Popen[bytes] | None = None
        if self._player is None:
            names = ", ".join(player[0] for player in PLAYERS)
            self._tell(f"\n● no sound: none of {names} is installed\n")

    def begin(self, play: Play) -> Sequence[float]:
        """Begin to sound; return the seconds at which the items begin, as they really do."""
        self.stop()
        if self._player is None:
            return Silent().begin(play)
        try:
            sound = compose(play.utterance, play.speed, self._load, play.begin, self._form)
        except ClipMissing as missing:
            self._give_up(f"{missing}")
            return Silent().begin(play)
        self._file.write_bytes(_wav(sound.audio, self._form))
        self._playing = subprocess.Popen(
            [*self._player, str(self._file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return [at / RATE for at in (*sound.timing.starts, sound.timing.length)]

    def stop(self) -> None:
        """Be silent at once."""
        if (playing := self._playing) is None or self._player is None:
            return
        self._playing = None
        if playing.poll():
            self._give_up(f"{self._player[0]} cannot play here")
        playing.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            playing.wait(1)

    def _give_up(self, why: str) -> None:
        self._player = None
        self._tell(f"\n● no sound: {why}\n")


def _wav(audio: bytes, form: str) -> bytes:
    samples, rate = soundfile.read(
        io.BytesIO(audio), samplerate=RATE, channels=1, format="RAW", subtype=form.upper()
    )
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()
