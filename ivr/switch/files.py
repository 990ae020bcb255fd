"""Files and directories for one pair of eyes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ivr.switch.softswitch import SwitchError


def private(path: Path) -> None:
    """Make a directory that only its owner may enter, or make it so.

    Raises SwitchError where it is somebody else's or a link, OSError where it cannot be made.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    # In a shared place like /tmp somebody may have been there before us.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise SwitchError(f"{path} belongs to somebody else; choose another --state-dir")
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)


def put(path: Path, text: str) -> None:
    """Write a file that only its owner may read; it appears whole or not at all.

    When this returns it is on the disk, whatever becomes of the machine. Raises OSError, and leaves
    what was there.
    """
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
