"""The store of built clips: `<root>/<language>/<hash>-<speed>.alaw`.

A clip's name is made of its words, its voice and the recipe, so a clip that is there is right,
a changed text is another clip, and builds can be stopped and resumed at any moment.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path

from ivr.errors import IvrError
from ivr.flow.speech import Clip
from ivr.speech import recipe
from ivr.speech.voices import Voice

# Bytes of clips kept in memory. The whole vocabulary of one language at one speed is about 8 MB.
CACHE = 64 * 1024 * 1024

# Where a build works, beside the clips so that a rename brings them there. A build that was
# killed leaves its own behind; one untouched for an hour belongs to no living build.
_SCRATCH = ".building-"
_ABANDONED_AFTER = 3600


class ClipMissing(IvrError):
    """A clip is to be spoken that was never built."""

    def __init__(self, clip: Clip, speed: int) -> None:
        self.clip = clip
        self.speed = speed
        super().__init__(
            f"the clip '{clip.text}' ({clip.language}) has not been built at {speed}%; "
            "build the prompts"
        )


class BuildError(IvrError):
    """Some clips could not be built; `failures` tells why, each with its clip."""

    def __init__(self, failures: Sequence[tuple[Clip, str]]) -> None:
        self.failures = tuple(failures)
        lines = [f"  '{clip.text}' ({clip.language}): {why}" for clip, why in failures]
        count = f"{len(lines)} clip{'' if len(lines) == 1 else 's'}"
        super().__init__("\n".join([f"{count} could not be built:", *lines]))


class Clips:
    """Clips under `root`, spoken by `voice`, at speeds in percent. Safe to use from threads."""

    def __init__(self, root: Path, voice: Voice) -> None:
        self._root = root
        self._voice = voice
        self._cache: OrderedDict[Path, bytes] = OrderedDict()
        self._cached = 0
        self._lock = threading.Lock()

    def missing(self, clips: Iterable[Clip], speeds: Iterable[int]) -> list[Clip]:
        """Return the clips, each once, that are not built at every one of the speeds."""
        wanted = tuple(speeds)
        return [clip for clip in dict.fromkeys(clips) if self._absent(clip, wanted)]

    def build(
        self,
        clips: Iterable[Clip],
        speeds: Iterable[int],
        progress: Callable[[int, int], None],
        workers: int = 2,
    ) -> None:
        """Build what is missing; `progress` is told the clips done and the clips to do.

        Stopped at any moment, it leaves only whole clips, and the next build goes on from
        there. A clip that fails does not keep the others from being built; BuildError at the
        end tells of all that did.
        """
        wanted = tuple(dict.fromkeys(speeds))
        todo = self.missing(clips, wanted)
        progress(0, len(todo))
        if not todo:
            return
        failures: list[tuple[Clip, str]] = []
        self._root.mkdir(parents=True, exist_ok=True)
        self._sweep()
        with (
            tempfile.TemporaryDirectory(dir=self._root, prefix=_SCRATCH) as scratch,
            ThreadPoolExecutor(workers) as pool,
        ):
            jobs = {pool.submit(self._make, c, wanted, Path(scratch)): c for c in todo}
            try:
                for done, job in enumerate(as_completed(jobs), start=1):
                    if isinstance(problem := job.exception(), IvrError):
                        failures.append((jobs[job], str(problem)))
                    elif problem is not None:
                        raise problem
                    progress(done, len(todo))
            finally:
                pool.shutdown(cancel_futures=True)
        if failures:
            raise BuildError(sorted(failures, key=lambda failure: todo.index(failure[0])))

    def load(self, clip: Clip, speed: int) -> bytes:
        """Return a clip as A-law at 8 kHz. Raises ClipMissing."""
        path = self._path(clip, speed)
        with self._lock:
            if (audio := self._cache.get(path)) is not None:
                self._cache.move_to_end(path)
                return audio
        try:
            audio = path.read_bytes()
        except FileNotFoundError:
            raise ClipMissing(clip, speed) from None
        self._remember(path, audio)
        return audio

    def _sweep(self) -> None:
        for folder in self._root.glob(f"{_SCRATCH}*"):
            with suppress(FileNotFoundError):  # a build beside us ended or swept too
                if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER:
                    shutil.rmtree(folder, ignore_errors=True)

    def _remember(self, path: Path, audio: bytes) -> None:
        with self._lock:
            if path in self._cache:
                return
            self._cache[path] = audio
            self._cached += len(audio)
            while self._cached > CACHE:
                _, oldest = self._cache.popitem(last=False)
                self._cached -= len(oldest)

    def _path(self, clip: Clip, speed: int) -> Path:
        key = "\0".join((clip.text, self._voice.name, str(recipe.VERSION)))
        name = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:32]
        return self._root / clip.language / f"{name}-{speed}.alaw"

    def _absent(self, clip: Clip, speeds: Sequence[int]) -> list[int]:
        return [speed for speed in speeds if not self._path(clip, speed).exists()]

    def _make(self, clip: Clip, speeds: Sequence[int], scratch: Path) -> None:
        absent = self._absent(clip, speeds)
        wav = scratch / f"{self._path(clip, 100).stem}-{clip.language}.wav"
        self._voice.speak(clip, wav)
        samples = recipe.take(wav)
        wav.unlink()
        # Written aside and renamed, so that a clip that is there is a whole one.
        fresh = {
            speed: scratch / f"{clip.language}-{self._path(clip, speed).name}" for speed in absent
        }
        recipe.stretch(samples, fresh)
        (self._root / clip.language).mkdir(exist_ok=True)
        for speed, path in fresh.items():
            path.replace(self._path(clip, speed))
