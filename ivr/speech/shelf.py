"""The shelf: where composed sounds lie for the switch to play.

Sounds are named by their content, so what is said often is written once. They live in memory
where the machine offers that, in a directory of this instance alone, and the least recently
wanted go when the shelf is full. When the memory itself is full they lie on disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import IvrError

LOG = logging.getLogger(__name__)

_MEMORY = Path("/dev/shm")
_PREFIX = "ivr-sounds-"
_LOCK = ".lock"

# Seconds for which a sound surely stays after it was placed: between placing and Asterisk's
# opening it lies one AGI command; once open it plays to its end, removed or not.
KEPT = 60.0


class ShelfError(IvrError):
    """A sound cannot be put where the switch would find it."""


@dataclass
class _Sound:
    path: Path
    size: int
    placed: float


class Shelf:
    """Sounds in a private directory, about `limit` bytes of them. Safe to use from threads.

    The limit gives way to sounds placed within the last minute: a sound a caller is about to
    hear is never removed. `clock` counts seconds. What has no room goes to `beside`; where it is
    not said where sounds lie, that is the disk. Raises ShelfError when there is no place.
    """

    def __init__(
        self,
        parent: Path | None = None,
        limit: int = 64 * 1024 * 1024,
        clock: Callable[[], float] = time.monotonic,
        beside: Path | None = None,
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._sounds: OrderedDict[str, _Sound] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        self._beside = Path(tempfile.gettempdir()) if parent is None else beside
        parent = parent or _parent(limit)
        # The first is where sounds lie; a second is made when that is full.
        self._places = [_Place(parent)]
        self._is_full = False
        self._open = True
        LOG.info("= sounds lie in %s", self.folder)

    @property
    def folder(self) -> Path:
        """Where sounds lie while there is room."""
        return self._places[0].folder

    def place(self, audio: bytes, form: str = "alaw") -> str:
        """Put a sound on the shelf and return its path without ending, as Asterisk plays it.

        The ending is its form: Asterisk takes the file whose ending names what the line speaks.
        Raises ShelfError when the disk is full or the shelf is closed.
        """
        name = f"{hashlib.sha256(audio).hexdigest()[:32]}.{form}"
        with self._lock:
            if not self._open:
                raise ShelfError("the shelf of sounds is closed")
            if not self._keep(name):
                self._add(name, audio)
            return str(self._sounds[name].path.with_suffix(""))

    def keep(self, path: str, form: str = "alaw") -> bool:
        """Tell whether what `place` returned is still there; if so it stays as if placed now."""
        with self._lock:
            return self._keep(f"{os.path.basename(path)}.{form}")

    def close(self) -> None:
        """Remove every sound and the directory. Safe more than once."""
        with self._lock:
            if self._open:
                self._open = False
                self._sounds.clear()
                for place in self._places:
                    place.close()

    def _keep(self, name: str) -> bool:
        # Somebody may have emptied the directory, or a sound, behind our back.
        sound = self._sounds.get(name)
        if sound is None or not _is_whole(sound):
            return False
        sound.placed = self._clock()
        self._sounds.move_to_end(name)
        return True

    def _add(self, name: str, audio: bytes) -> None:
        self._forget(name)
        self._make_room(len(audio))
        path = self._write(name, audio)
        self._held += len(audio)
        self._sounds[name] = _Sound(path, len(audio), self._clock())

    def _write(self, name: str, audio: bytes) -> Path:
        try:
            path = _write(self.folder / name, audio)
        except ShelfError as full:
            path = self._write_beside(name, audio, full)
        else:
            if self._is_full:
                LOG.warning("= sounds lie in %s again", self.folder)
            self._is_full = False
        return path

    def _write_beside(self, name: str, audio: bytes, full: ShelfError) -> Path:
        """Write a sound to disk, for there is no room where it should be. Raises ShelfError."""
        if not self._beside or self.folder.parent == self._beside:
            raise full
        if len(self._places) == 1:
            self._places.append(_Place(self._beside))
        path = _write(self._places[1].folder / name, audio)
        if not self._is_full:
            LOG.error("%s; sounds go to %s meanwhile", full, path.parent)
        self._is_full = True
        return path

    def _make_room(self, wanted: int) -> None:
        # In the order of placing, so the first that is young ends the search.
        while self._sounds and self._held + wanted > self._limit:
            name, oldest = next(iter(self._sounds.items()))
            if self._clock() - oldest.placed < KEPT:
                return
            self._forget(name)

    def _forget(self, name: str) -> None:
        if (sound := self._sounds.pop(name, None)) is not None:
            self._held -= sound.size
            sound.path.unlink(missing_ok=True)


class _Place:
    """A directory for sounds that only we may enter. Raises ShelfError where there can be none."""

    def __init__(self, parent: Path) -> None:
        _sweep(parent)
        try:
            self.folder, self._mine = _private_folder(parent)
        except OSError as problem:
            raise ShelfError(f"there is no place for sounds under {parent}: {problem}") from None

    def close(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._mine)


def _is_whole(sound: _Sound) -> bool:
    try:
        return sound.path.stat().st_size == sound.size
    except OSError:
        return False


def _write(path: Path, audio: bytes) -> Path:
    # Aside and renamed: the switch finds a whole sound or none.
    fresh = path.with_suffix(".fresh")
    try:
        fresh.write_bytes(audio)
        return fresh.replace(path)
    except OSError as problem:
        fresh.unlink(missing_ok=True)
        raise ShelfError(f"a sound could not be written to {path.parent}: {problem}") from None


def _parent(room: int) -> Path:
    try:
        free = shutil.disk_usage(_MEMORY).free
    except OSError:
        free = 0
    if free >= room and os.access(_MEMORY, os.W_OK | os.X_OK):
        return _MEMORY
    elsewhere = Path(tempfile.gettempdir())
    LOG.warning("= %s is not there, not ours or too small; sounds go to disk", _MEMORY)
    return elsewhere


def _private_folder(parent: Path) -> tuple[Path, int]:
    """Make a directory only we may enter, and return it with its lock, held."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=parent))  # mode 0700
    lock = os.open(fresh / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    # Named as ours only now that it is locked, or another instance would sweep it away.
    return fresh.rename(parent / fresh.name.removeprefix(".")), lock


def _sweep(parent: Path) -> None:
    """Remove the directories of instances that were killed: nobody holds their locks."""
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR)
        except OSError:
            continue  # another user's, or not one of ours
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(lock)
