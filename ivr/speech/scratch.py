"""Where a build of sounds works: in a folder beside the built ones, until the disk is full."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ivr.errors import IvrError

# Beside the clips, so that a rename brings them there. A build that was killed leaves its own
# behind; one untouched for an hour belongs to no living build.
_SCRATCH = ".building-"
_ABANDONED_AFTER = 3600


class StorageError(IvrError):
    """Built clips cannot be written: the disk is full, or the folder is not ours."""


@contextmanager
def scratch_in(root: Path, languages: Iterable[str]) -> Iterator[Path]:
    """Give a folder to work in, beside the folders of the languages, while the block runs.

    Raises StorageError.
    """
    try:
        for language in languages:
            (root / language).mkdir(parents=True, exist_ok=True)
        root.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=root, prefix=_SCRATCH)
    except OSError as problem:
        raise StorageError(full(root, problem.strerror)) from None
    with folder as scratch:
        _sweep(root)
        yield Path(scratch)


def full(root: Path, why: str | None) -> str:
    """Return what is said where no more can be written, which is `why`."""
    return (
        f"no more sounds can be written to {root}: {why}; what is built is whole and stays, "
        "and the next build goes on from there"
    )


def _sweep(root: Path) -> None:
    for folder in root.glob(f"{_SCRATCH}*"):
        with suppress(FileNotFoundError):  # a build beside us ended or swept too
            if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER:
                shutil.rmtree(folder, ignore_errors=True)
