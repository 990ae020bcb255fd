"""Any program as a voice: a cloud's own client, a colleague's model, a recorder at a desk."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from ivr.errors import IvrError, nearest
from ivr.flow.speech import Clip
from ivr.lang import LANGUAGES
from ivr.speech.voices.voice import VoiceError, named, sayable

PLACES = frozenset({"text", "language", "wav"})

_PLACE = re.compile(r"\{(\w*)\}")
_SECONDS_TO_SPEAK = 120.0

# After so many in a row it is not the words.
_MOST_FAILURES = 3


class Command:
    """A program that is run once for each clip, without a shell.

    `template` is its command line. In its words `{wav}` is the RIFF WAVE file to write,
    `{language}` is cmn, yue or en, `{text}` is what to say; without `{text}` that comes by stdin.
    Raises IvrError for a template that cannot be right.
    """

    licence = "as the program's; find out before recordings are passed on"

    def __init__(self, template: str, seconds: float = _SECONDS_TO_SPEAK) -> None:
        try:
            self._words = shlex.split(template)
        except ValueError as problem:
            raise IvrError(
                f"the command of a voice cannot be read ({problem}): {template}"
            ) from None
        places = set(_PLACE.findall(template))
        for place in sorted(places - PLACES):
            known = ", ".join(f"{{{known}}}" for known in sorted(PLACES))
            hint = nearest(place, PLACES) or f"; there are {known}"
            raise IvrError(f"the command of a voice has no place '{{{place}}}'{hint}")
        if "wav" not in places:
            raise IvrError(f"the command of a voice has no {{wav}} to write to: {template}")
        self._seconds = seconds
        self._running: set[int] = set()
        self._failures = 0
        self._closed = False
        # The program may change behind this; a word more in its command tells us so.
        self.name = named("command", template)

    def languages(self) -> frozenset[str]:
        return frozenset(LANGUAGES)

    def absent(self) -> str | None:
        if self._failures >= _MOST_FAILURES:
            return f"'{self._words[0]}' failed {self._failures} times in a row"
        if shutil.which(self._words[0]):
            return None
        return f"there is no program '{self._words[0]}', the command of a voice: install it"

    def speak(self, clip: Clip, wav: Path) -> None:
        words = sayable(clip, "the command", self.languages())
        given = {"text": words, "language": clip.language, "wav": str(wav.absolute())}
        argv = [_PLACE.sub(lambda place: given[place[1]], word) for word in self._words]
        try:
            self._run(argv, words)
        except VoiceError:
            self._failures += 1
            raise
        self._failures = 0
        try:
            with wav.open("rb") as recording:
                head = recording.read(12)
        except FileNotFoundError:
            raise VoiceError(f"'{self._words[0]}' wrote no recording") from None
        if head[:4] + head[8:] != b"RIFFWAVE":
            raise VoiceError(f"what '{self._words[0]}' wrote is no RIFF WAVE file")

    def close(self) -> None:
        self._closed = True
        for process in list(self._running):
            _kill(process)

    def _run(self, argv: list[str], words: str) -> None:
        program = argv[0]
        # A file, not a pipe: what the program leaves running must not keep us waiting.
        with tempfile.TemporaryFile() as complaints:
            try:
                child = subprocess.Popen(
                    argv,
                    stdin=subprocess.PIPE,
                    stdout=complaints,
                    stderr=complaints,
                    start_new_session=True,
                )
            except OSError as problem:
                raise VoiceError(f"'{program}' cannot be started: {problem.strerror}") from None
            self._running.add(child.pid)
            try:
                if self._closed:
                    raise VoiceError("is closed")
                child.communicate(words.encode(errors="replace"), self._seconds)
            except subprocess.TimeoutExpired:
                raise VoiceError(f"'{program}' was still busy after {self._seconds:g} s") from None
            finally:
                _kill(child.pid)
                child.wait()
                self._running.discard(child.pid)
            if child.returncode:
                complaints.seek(0)
                said = complaints.read().decode(errors="replace").split("\n")
                last = next((line.strip() for line in reversed(said) if line.strip()), "no word")
                raise VoiceError(f"'{program}' failed ({child.returncode}): {last[:300]}")


def _kill(process: int) -> None:
    """End a program and all that it has started, which are a session of their own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
