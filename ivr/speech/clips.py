"""The store of built clips: `<root>/<language>/<hash>-<speed>.<form>`.

A clip's name is made of its words, of whom it is heard from and of the recipe, so a clip that is
there is right, a changed text is another clip, and builds can be stopped and resumed at any
moment.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from ivr.errors import IvrError
from ivr.flow.speech import Clip
from ivr.speech import recipe, workshop
from ivr.speech.scratch import StorageError
from ivr.speech.studio import Candidate, Studio
from ivr.speech.takes import Takes
from ivr.speech.voices import Voice
from ivr.speech.workshop import BuildError, Detour, Spoken, Work

__all__ = ["BuildError", "ClipMissing", "Clips", "Detour", "Spoken", "StorageError"]

_log = logging.getLogger(__name__)

# Bytes of clips kept in memory. The whole vocabulary of one language at one speed is about 8 MB.
CACHE = 64 * 1024 * 1024

# Speeds in percent at which most flows have their clips built.
_USUAL = range(50, 201, 10)

_Key = tuple[Clip, int, str]
_Code = TypeVar("_Code", bound=str)  # a language, which settings know by a literal


class ClipMissing(IvrError):
    """A clip is to be spoken that was never built."""

    def __init__(self, clip: Clip, speed: int, form: str) -> None:
        self.clip = clip
        self.speed = speed
        self.form = form
        super().__init__(
            f"the clip '{clip.text}' ({clip.language}) has not been built at {speed}% as {form}; "
            "build the prompts"
        )


class Clips:
    """Clips under `root`, at speeds in percent and in forms of `recipe.FORMS`.

    `order` has for each language the names of what its clips are heard from, the best first:
    `recorded` for takes, else one of `voices`. Safe to use from threads.
    """

    def __init__(
        self,
        root: Path,
        takes: Takes,
        order: Mapping[_Code, Sequence[str]],
        voices: Mapping[str, Voice],
    ) -> None:
        self._root = root
        self._studio = Studio(takes, order, voices)
        self._cache: OrderedDict[_Key, bytes] = OrderedDict()
        self._cached = 0
        # Those that were missing when somebody was to hear them, told once each.
        self._told: set[_Key] = set()
        self._lock = threading.Lock()

    def missing(
        self, clips: Iterable[Clip], speeds: Iterable[int], forms: Iterable[str]
    ) -> list[Clip]:
        """Return the clips, each once, that a build would work on.

        Those are the ones that lack a sound, and those that could be heard from better now.
        """
        return [work.clip for work in self._todo(clips, speeds, forms)]

    def unheard(
        self, clips: Iterable[Clip], speeds: Iterable[int], forms: Iterable[str]
    ) -> list[Clip]:
        """Return the clips, each once, that `load` would raise for at some speed in some form."""
        return [work.clip for work in self._todo(clips, speeds, forms) if not work.heard]

    def with_takes(self, takes: Takes) -> Clips:
        """Return the same clips, heard from these takes."""
        return Clips(self._root, takes, self._studio.order, self._studio.voices)

    def build(
        self,
        clips: Iterable[Clip],
        speeds: Iterable[int],
        forms: Iterable[str],
        progress: Callable[[int, int], None],
        said: Callable[[str], None],
        workers: int = 2,
    ) -> list[Detour]:
        """Build what is missing, each clip from the best candidate that can be used now.

        `progress` is told the clips done and the clips to do; `said` gets one line for each voice
        that is not there though some clip wanted it. Returns the clips whose better candidate
        failed, and why.

        Stopped at any moment, it leaves only whole files, and the next build goes on from there.
        A clip that fails does not keep the others from being built; BuildError at the end tells
        of all that did. Raises StorageError at once when nothing more can be written.
        """
        todo = self._todo(clips, speeds, forms)
        if not todo:
            progress(0, 0)
            return []
        return workshop.build(todo, self._studio, self._root, progress, said, workers)

    def spoken(
        self,
        clips: Iterable[Clip],
        progress: Callable[[int, int], None],
        said: Callable[[str], None],
        workers: int = 2,
    ) -> Iterator[Spoken]:
        """Yield each clip that has no take as the first voice that can speaks it, to be kept.

        `progress` and `said` are those of `build`, and so are the errors: BuildError comes when
        all others have been yielded.
        """
        wanted = [c for c in dict.fromkeys(clips) if not self._studio.takes.find(c)]
        return workshop.spoken(wanted, self._studio, self._root, progress, said, workers)

    def load(self, clip: Clip, speed: int, form: str = "alaw") -> bytes:
        """Return a clip as it is heard: headerless, a byte for each 1/8000 s.

        Nothing is synthesised: it is the best of what is built; where a file has gone or is empty,
        the same words at the nearest of the usual speeds. Raises ClipMissing.
        """
        key = clip, speed, form
        with self._lock:
            if (audio := self._cache.get(key)) is not None:
                self._cache.move_to_end(key)
                return audio
        for candidate in self._studio.candidates(clip):
            if audio := _read(self._path(clip, candidate, speed, form)):
                self._remember(key, audio)
                return audio
        return self._at_another_speed(clip, speed, form)

    def _at_another_speed(self, clip: Clip, speed: int, form: str) -> bytes:
        """Return what was built of a clip at the nearest speed. Raises ClipMissing."""
        for candidate in self._studio.candidates(clip):
            # To look into the folder, of fifty thousand files, would keep the loop for 30 ms.
            for other in sorted(_USUAL, key=lambda each: abs(each - speed)):
                if audio := _read(self._path(clip, candidate, other, form)):
                    missing = clip, speed, form
                    if missing not in self._told:
                        self._told.add(missing)
                        _log.error("%s; it is said at %d%%", ClipMissing(*missing), other)
                    return audio
        raise ClipMissing(clip, speed, form)

    def voice_of(self, clip: Clip, speed: int, form: str) -> str | None:
        """Return who is heard: the voice of the take, or a voice's name; None when none is."""
        for candidate in self._studio.candidates(clip):
            if self._path(clip, candidate, speed, form).exists():
                return candidate.label
        return None

    def _todo(
        self, clips: Iterable[Clip], speeds: Iterable[int], forms: Iterable[str]
    ) -> list[Work]:
        keys = tuple(dict.fromkeys((speed, form) for form in forms for speed in speeds))
        wanted = list(dict.fromkeys(clips))
        # One look at each folder: asking for fifty thousand files one by one takes a second.
        there = {code: self._files(code) for code in {clip.language for clip in wanted}}
        works = (self._work(clip, keys, there[clip.language]) for clip in wanted)
        return [work for work in works if work]

    def _work(
        self, clip: Clip, keys: Iterable[tuple[int, str]], there: frozenset[str]
    ) -> Work | None:
        tries: list[tuple[Candidate, dict[tuple[int, str], Path]]] = []
        for candidate in self._studio.candidates(clip):
            stem = _stem(clip, candidate)
            folder = self._root / clip.language
            names = {key: f"{stem}-{key[0]}.{key[1]}" for key in keys}
            lacking = {key: folder / name for key, name in names.items() if name not in there}
            if lacking:
                tries.append((candidate, lacking))
            elif any(self._studio.why_not(clip, one) is None for one, _ in tries):
                return Work(clip, tuple(tries), heard=True)
            else:
                return None
        return Work(clip, tuple(tries), heard=False)

    def _files(self, language: str) -> frozenset[str]:
        try:
            return frozenset(os.listdir(self._root / language))
        except (FileNotFoundError, NotADirectoryError):
            return frozenset()

    def _path(self, clip: Clip, candidate: Candidate, speed: int, form: str) -> Path:
        return self._root / clip.language / f"{_stem(clip, candidate)}-{speed}.{form}"

    def _remember(self, key: _Key, audio: bytes) -> None:
        with self._lock:
            if key in self._cache:
                return
            self._cache[key] = audio
            self._cached += len(audio)
            while self._cached > CACHE:
                _, oldest = self._cache.popitem(last=False)
                self._cached -= len(oldest)


def _read(path: Path) -> bytes:
    """Return what a file holds, nothing where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as fault:
        _log.error("a sound cannot be read: %s", fault)
        return b""


def _stem(clip: Clip, candidate: Candidate) -> str:
    key = "\0".join((clip.text, candidate.identity, str(recipe.VERSION)))
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:32]
