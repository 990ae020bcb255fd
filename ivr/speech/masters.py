"""The files of takes below a folder: each is there whole, or as it was before.

`<language>/<id>.opus` are the masters, `<language>.jsonl` tells what each of them says. A new one
lies aside, hidden, until all that belongs to it is written.
"""

from __future__ import annotations

import hashlib
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ivr.errors import IvrError, Problem
from ivr.speech import manifest, recipe
from ivr.speech.loudness import Samples
from ivr.speech.manifest import Take

_OTHER = (
    "not the recording that the manifest tells of (its SHA-256 differs): restore it, or import "
    "the new one"
)


class TakesError(IvrError):
    """Takes cannot be kept: the disk is full, or a manifest has to be mended first."""


class Masters:
    """The masters and manifests below `folder`; problems name files relative to `root`."""

    def __init__(self, folder: Path, root: Path | None = None) -> None:
        self._folder = folder
        self._root = root

    def path(self, take: Take) -> Path:
        """Return where the master of a take lies, or should."""
        return self._folder / take.file

    def samples(self, take: Take) -> Samples:
        """Return the sound of a take at `recipe.MASTER_RATE`. Raises RecipeError."""
        path = self.path(take)
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

    def absent(self, language: str, takes: Iterable[Take]) -> Iterator[Problem]:
        """Tell of the takes of a language whose master is not there."""
        there = {str(path) for path in (self._folder / language).glob("*")}
        for take in takes:
            path = self.path(take)
            if str(path) not in there and not path.exists():
                yield _missing(take)

    def damage(self, take: Take) -> Problem | None:
        """Read a master; return what is wrong when it is missing or was changed."""
        try:
            content = self.path(take).read_bytes()
        except OSError:
            return _missing(take)
        if hashlib.sha256(content).hexdigest() != take.sha256:
            return Problem(take.where, f"{take.file} is {_OTHER}", "take-hash")
        return None

    def languages(self) -> list[str]:
        """Return the languages of which there is a manifest."""
        return [path.stem for path in sorted(self._folder.glob("*.jsonl"))]

    def manifest_name(self, language: str) -> str:
        """Return what problems call a manifest."""
        path = self._manifest(language)
        if self._root and path.is_relative_to(self._root):
            return str(path.relative_to(self._root))
        return str(path)

    def manifest_now(self, language: str) -> tuple[list[Take], list[Problem]]:
        """Return what a manifest tells at this moment. Raises TakesError."""
        path = self._manifest(language)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            content = b""
        except OSError as problem:
            raise TakesError(f"{path} cannot be read: {problem.strerror}") from None
        return manifest.read(self.manifest_name(language), language, content)

    def lay_aside(self, file: str, content: bytes) -> None:
        """Write a new master beside the one it may replace. Raises TakesError."""
        _write(self._fresh(file), content)

    def throw_away(self, file: str) -> None:
        """Remove a master that was laid aside."""
        self._fresh(file).unlink(missing_ok=True)

    def replace(self, language: str, takes: Iterable[Take], fresh: Iterable[Take]) -> list[Take]:
        """Let a manifest tell of these takes, and what was laid aside of `fresh` ones be true.

        Returns the takes as the manifest tells of them. Raises TakesError; then all is as it was.
        """
        content = manifest.written(takes)
        path = self._manifest(language)
        aside = path.with_name(f".{path.name}.fresh")
        _write(aside, content)  # before anything is changed: the disk may be full
        for take in fresh:
            self._fresh(take.file).replace(self.path(take))
        aside.replace(path)
        return manifest.read(self.manifest_name(language), language, content)[0]

    def _manifest(self, language: str) -> Path:
        return self._folder / f"{language}.jsonl"

    def _fresh(self, file: str) -> Path:
        path = self._folder / file
        return path.with_name(f".{path.name}.fresh")


@contextmanager
def unbroken() -> Iterator[None]:
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
