"""Takes: recordings of clips, kept in version control as compressed masters.

`<folder>/<language>/<id>.opus` are the masters, `<folder>/<language>.jsonl` tells what each of
them says, in whose voice, and under which licence.
"""

from __future__ import annotations

import hashlib
import re
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from ivr.errors import IvrError, Problem, Where
from ivr.flow.speech import Clip
from ivr.speech import manifest, opus, recipe
from ivr.speech.loudness import Samples, loudness, peak
from ivr.speech.manifest import Take

__all__ = ["Take", "Takes", "TakesError"]

_Key = tuple[str, str]  # language and id


class TakesError(IvrError):
    """Takes cannot be kept: the disk is full, or a manifest has to be mended first."""


class Takes:
    """The takes below a folder. Safe to use from threads; one process at a time may change them.

    `problems` is what was wrong with the manifests when they were read; what is right is used.
    """

    def __init__(self, folder: Path, root: Path | None = None) -> None:
        self.problems: tuple[Problem, ...] = ()
        self._folder = folder
        self._root = root
        self._takes: dict[_Key, Take] = {}
        self._by_clip: dict[Clip, Take] = {}
        self._staged: dict[_Key, Take | None] = {}
        self._depth = 0
        self._lock = threading.RLock()

    @classmethod
    def load(cls, folder: Path, root: Path | None = None) -> Takes:
        """Read every manifest of a folder; without the folder there are no takes.

        Problems name files relative to `root`. Raises TakesError where a file cannot be read.
        """
        takes = cls(folder, root)
        problems: list[Problem] = []
        for path in sorted(folder.glob("*.jsonl")):
            problems += takes._load(path.stem)
        takes.problems = tuple(sorted(problems))
        return takes

    def __iter__(self) -> Iterator[Take]:
        return iter([self._takes[key] for key in sorted(self._takes)])

    def __len__(self) -> int:
        return len(self._takes)

    def find(self, clip: Clip) -> Take | None:
        """Return the take of a clip."""
        return self._by_clip.get(clip)

    def by_id(self, language: str, id: str) -> Take | None:
        """Return the take with an id."""
        return self._takes.get((language, id))

    def master(self, take: Take) -> Path:
        """Return where the master of a take lies, or should."""
        return self._folder / take.file

    def samples(self, take: Take) -> Samples:
        """Return the sound of a take at `recipe.MASTER_RATE`.

        Raises RecipeError that names the file when it is missing, is not the one that the
        manifest tells of, or cannot be read.
        """
        path = self.master(take)
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise recipe.RecipeError(problem.strerror or str(problem), path) from None
        if hashlib.sha256(content).hexdigest() != take.sha256:
            raise recipe.RecipeError(_OTHER, path)
        samples, rate = recipe.recording(path)
        if rate != recipe.MASTER_RATE:
            raise recipe.RecipeError(f"a master has {recipe.MASTER_RATE} Hz, not {rate}", path)
        return samples

    def damaged(self) -> list[Problem]:
        """Read every master, and tell of those that are missing or were changed."""
        problems = []
        for take in self:
            try:
                content = self.master(take).read_bytes()
            except OSError:
                problems.append(_missing(take))
                continue
            if hashlib.sha256(content).hexdigest() != take.sha256:
                problems.append(Problem(take.where, f"{take.file} is {_OTHER}", "take-hash"))
        return problems

    def keep(
        self, clip: Clip, id: str, samples: Samples, rate: int, voice: str, licence: str
    ) -> Take:
        """Master a recording and make it the take of a clip; return it.

        Earlier takes of the same words or of the same id go. Raises RecipeError when there is no
        speech in it, TakesError when it cannot be written; then all is as it was.
        """
        _check_id(id)
        with _unbroken():
            return self._keep(clip, id, samples, rate, voice, licence)

    def rename(self, take: Take, id: str) -> Take:
        """Give a take another id, its master as it is; return it. Raises TakesError."""
        _check_id(id)
        renamed = replace(take, id=id, file=_file(take.clip.language, id))
        with _unbroken(), self._staging():
            self.check(take.clip.language)
            try:
                content = self.master(take).read_bytes()
            except OSError as problem:
                raise TakesError(f"{self.master(take)}: {problem.strerror}") from None
            _write(self._fresh(renamed.file), content)
            self._stage(renamed)
        return renamed

    def remove(self, takes: Iterable[Take]) -> None:
        """Forget takes and remove their masters. Raises TakesError."""
        with _unbroken(), self._staging():
            for take in list(takes):
                self.check(take.clip.language)
                self._staged[take.clip.language, take.id] = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let all that is kept and removed within become true at the end, with one manifest.

        What was finished becomes true whatever ends it, Ctrl-C too. Until then nothing is
        changed, and nothing kept is found. Raises TakesError.
        """
        self._enter()
        try:
            yield
        finally:
            with _unbroken():
                self._leave()

    def _load(self, language: str) -> Iterator[Problem]:
        found, problems = self._manifest_now(language)
        self._take_in(language, found)
        yield from problems
        there = {str(path) for path in (self._folder / language).glob("*")}
        for take in found:
            path = self.master(take)
            if str(path) not in there and not path.exists():
                yield _missing(take)

    def _take_in(self, language: str, takes: Iterable[Take]) -> None:
        others = [take for take in self._takes.values() if take.clip.language != language]
        now = [*others, *takes]
        self._takes = {(take.clip.language, take.id): take for take in now}
        self._by_clip = {take.clip: take for take in now}

    def check(self, language: str, problems: Iterable[Problem] | None = None) -> None:
        """Raise TakesError where writing the manifest would lose what could not be read."""
        name = self._named(self._manifest(language))
        for problem in self.problems if problems is None else problems:
            if problem.where.file == name and problem.rule != "take-missing":
                raise TakesError(f"mend this first, or it would be lost:\n{problem}")

    def _keep(
        self, clip: Clip, id: str, samples: Samples, rate: int, voice: str, licence: str
    ) -> Take:
        content, heard = opus.encoded(recipe.mastered(samples, rate))
        file = _file(clip.language, id)
        with self._staging():
            self.check(clip.language)
            _write(self._fresh(file), content)
            take = Take(
                id=id,
                clip=clip,
                file=file,
                sha256=hashlib.sha256(content).hexdigest(),
                voice=voice,
                licence=licence,
                lufs=round(loudness(heard, recipe.MASTER_RATE), 2),
                peak=round(peak(heard), 2),
                seconds=round(len(heard) / recipe.MASTER_RATE, 3),
                where=Where(self._named(self._manifest(clip.language))),
            )
            self._stage(take)
        return take

    @contextmanager
    def _staging(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            self._depth += 1

    def _leave(self) -> None:
        with self._lock:
            self._depth -= 1
            if not self._depth and self._staged:
                self._commit()

    def _stage(self, take: Take) -> None:
        with self._lock:
            for key, earlier in list(self._staged.items()):
                if earlier and earlier.clip == take.clip and earlier.id != take.id:
                    self._fresh(earlier.file).unlink(missing_ok=True)
                    del self._staged[key]
            self._staged[take.clip.language, take.id] = take

    def _commit(self) -> None:
        staged, self._staged = self._staged, {}
        failed: list[TakesError] = []
        for language in sorted({language for language, _ in staged}):
            mine = {id: take for (code, id), take in staged.items() if code == language}
            fresh = [take for take in mine.values() if take]
            try:
                self._commit_language(language, set(mine), fresh)
            except TakesError as problem:
                failed.append(problem)
                for take in fresh:
                    self._fresh(take.file).unlink(missing_ok=True)
        if failed:
            raise failed[0]

    def _commit_language(self, language: str, ids: set[str], fresh: list[Take]) -> None:
        # Upon what is there now: hours may have passed since it was read.
        before, problems = self._manifest_now(language)
        self.check(language, problems)
        texts = {take.clip.text for take in fresh}
        now = [take for take in before if take.id not in ids and take.clip.text not in texts]
        content = manifest.written([*now, *fresh])
        path = self._manifest(language)
        aside = path.with_name(f".{path.name}.fresh")
        _write(aside, content)  # before anything is changed: the disk may be full
        for take in fresh:
            self._fresh(take.file).replace(self.master(take))
        aside.replace(path)
        self._take_in(language, manifest.read(self._named(path), language, content)[0])
        files = {take.file for take in (*now, *fresh)}
        for take in before:
            if take.file not in files:
                self.master(take).unlink(missing_ok=True)

    def _manifest_now(self, language: str) -> tuple[list[Take], list[Problem]]:
        path = self._manifest(language)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            content = b""
        except OSError as problem:
            raise TakesError(f"{path} cannot be read: {problem.strerror}") from None
        return manifest.read(self._named(path), language, content)

    def _manifest(self, language: str) -> Path:
        return self._folder / f"{language}.jsonl"

    def _fresh(self, file: str) -> Path:
        path = self._folder / file
        return path.with_name(f".{path.name}.fresh")

    def _named(self, path: Path) -> str:
        if self._root and path.is_relative_to(self._root):
            return str(path.relative_to(self._root))
        return str(path)


_OTHER = (
    "not the recording that the manifest tells of (its SHA-256 differs): restore it, or import "
    "the new one"
)


@contextmanager
def _unbroken() -> Iterator[None]:
    """Hold Ctrl-C back until the block has ended.

    It would leave a master without its line in the manifest, or, as soundfile writes to memory in
    callbacks that swallow it, a master with a hole.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Python raises KeyboardInterrupt in the main thread only
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if held:
            signal.raise_signal(signal.SIGINT)


def _file(language: str, id: str) -> str:
    return f"{language}/{id}.opus"


def _check_id(id: str) -> None:
    if not re.match(manifest.ID, id) or len(id.encode()) > manifest.LONGEST_ID:
        raise TakesError(f"'{id}' cannot be the id of a take: letters, digits, '_', '.', '-'")


def _missing(take: Take) -> Problem:
    message = f"{take.file}, the recording of '{take.clip.text}', is not there"
    return Problem(take.where, message, "take-missing")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as problem:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise TakesError(f"{path.parent} cannot be written to: {problem.strerror}") from None
