"""A switch whose clock can be put: its Asterisk goes by libfaketime, found or downloaded.

What waits for a moment of the clock is not woken by the step, as it is where the machine's own is
put; what looks at the clock next sees where it stands. Time that cannot be put (CLOCK_MONOTONIC)
goes on. Only the switch goes by it: under libfaketime 0.9.10 Python cannot sleep.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from ivr.config import Settings
from ivr.switch.softswitch import find

PLACE = Path("~/.cache/ivr-hotline/faketime").expanduser()
_LIBRARY = "usr/lib/*/faketime/libfaketimeMT.so.1"


class Clock:
    """A clock, kept in a file of a folder, where the Asterisk lies that goes by it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._root = folder / "usr"
        self.put(0)
        real = find(Settings().switch_prefix.expanduser())
        assert real, "no Asterisk is installed: ivr up"
        modules, program = self._root / "lib/here/asterisk/modules", self._root / "sbin/asterisk"
        for link, to in ((modules, real.modules), (self._root / "share/asterisk", real.share)):
            link.parent.mkdir(parents=True)
            link.symlink_to(to)
        program.parent.mkdir()
        goes_by = {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        words = [*(f"{name}={value}" for name, value in goes_by.items()), *real.argv]
        program.write_text(f'#!/bin/sh\nexec env {shlex.join(words)} "$@"\n')
        program.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        """With what a hotline finds this Asterisk."""
        return {"PATH": f"{self._root / 'sbin'}:{os.environ['PATH']}"}

    def put(self, seconds: int) -> None:
        """Let it be so far from the machine's, within a second."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}s\n")
        new.replace(self._file)


def _library() -> Path:
    if found := [*Path("/").glob(_LIBRARY), *PLACE.glob(_LIBRARY)]:
        return found[0]
    PLACE.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "download", "libfaketime"], cwd=PLACE, check=True)
    for package in PLACE.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package.name, "."], cwd=PLACE, check=True)
        package.unlink()
    return next(PLACE.glob(_LIBRARY))
