"""An Asterisk 22 in a private prefix: without root and without touching the system.

Debian's sid has the version we want and the stable releases have none, so its packages are
downloaded by apt (which checks their signatures), unpacked side by side, and started through
the loader that came with them. About 160 packages, 82 MB to download, 270 MB on disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.switch.apt import MEGA, Apt, Package
from ivr.switch.softswitch import (
    MARKER,
    OLDEST_TO_INSTALL,
    Softswitch,
    SwitchError,
    find,
    installed,
    numbers,
    unpacked,
    version_of,
)

__all__ = ["Softswitch", "SwitchError", "find", "install"]

PACKAGE = "asterisk"
# Unpacked, the packages take 3.3 times the room they take packed (measured: 82 to 268 MB).
GROWTH = 4


def install(prefix: Path, say: Callable[[str], None], mirror: str | None = None) -> Softswitch:
    """Return the Asterisk under `prefix`, after installing it there if it is not yet.

    A run that was killed is taken up where it stopped; two at once wait for each other.
    `say` gets lines of progress. `mirror` is the address of a Debian archive for systems whose
    apt sources name none. Raises SwitchError, which says what to do.
    """
    if (ready := installed(prefix)) is not None:
        return ready
    try:
        prefix.mkdir(parents=True, exist_ok=True)
        with _locked(prefix, say) as lock:
            if (ready := installed(prefix)) is not None:
                return ready
            return _install(prefix, say, Apt(prefix / "apt", mirror, lock))
    except OSError as error:
        raise SwitchError(
            f"cannot install Asterisk under {prefix}: {error.strerror}"
            " (is there room, and may you write there?)"
        ) from error


def _install(prefix: Path, say: Callable[[str], None], apt: Apt) -> Softswitch:
    say("Asterisk: asking Debian for its list of packages")
    apt.update()
    packages = apt.wanted(PACKAGE)
    version = _version(packages)
    _room(prefix, packages)

    def watch() -> None:
        done, size = _arrived(apt.archives, packages)
        total = sum(package.size for package in packages)
        say(
            f"Asterisk {version}: downloading, {done}/{len(packages)} packages,"
            f" {size / MEGA:.0f}/{total / MEGA:.0f} MB"
        )

    apt.download(PACKAGE, watch)
    watch()
    root = prefix / "root"
    root.mkdir(exist_ok=True)
    for count, package in enumerate(packages, 1):
        apt.unpack(apt.archives / package.file, root)
        if count % 20 == 0 or count == len(packages):
            say(f"Asterisk {version}: unpacking, {count}/{len(packages)} packages")
    ready = unpacked(prefix, version)
    if ready is None or version_of(ready.argv) is None:
        raise SwitchError(
            f"Asterisk {version} was unpacked under {prefix} but does not start on this system;"
            " use docker-compose, or install Asterisk 20 or newer so that it is on the PATH"
        )
    _mark(prefix, version)
    shutil.rmtree(prefix / "apt", ignore_errors=True)
    say(f"Asterisk {version}: installed under {prefix}")
    return ready


def _version(packages: tuple[Package, ...]) -> str:
    """Return the upstream version of the asterisk among `packages`, if it is new enough."""
    stated = next((p.version for p in packages if p.file.startswith(f"{PACKAGE}_")), "")
    # An epoch, written 1%3a in file names, says nothing about Asterisk.
    version = stated.rpartition("%3a")[2].partition("+")[0].partition("~")[0].partition("-")[0]
    if numbers(version) < OLDEST_TO_INSTALL:
        oldest = ".".join(str(number) for number in OLDEST_TO_INSTALL)
        raise SwitchError(
            f"the mirror has Asterisk {version or 'of no known version'}, but older than {oldest}"
            " lacks security fixes; name another mirror with the setting debian_mirror"
        )
    return version


def _room(prefix: Path, packages: tuple[Package, ...]) -> None:
    needed = sum(package.size for package in packages) * (1 + GROWTH)
    free = shutil.disk_usage(prefix).free
    if free < needed:
        raise SwitchError(
            f"Asterisk needs {needed / MEGA:.0f} MB under {prefix}, and {free / MEGA:.0f} MB are"
            " free; make room, or choose another place, and start again"
        )


def _arrived(archives: Path, packages: tuple[Package, ...]) -> tuple[int, int]:
    done, size = 0, 0
    for package in packages:
        try:
            size += (archives / package.file).stat().st_size
            done += 1
        except FileNotFoundError:
            continue
    partial = archives / "partial"
    with os.scandir(partial) as entries:
        for entry in entries:
            try:
                size += entry.stat().st_size
            except FileNotFoundError:  # it has just arrived
                continue
    return done, size


def _mark(prefix: Path, version: str) -> None:
    # What was unpacked must reach the disk before the word that it is complete.
    os.sync()
    fresh = prefix / f"{MARKER}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"version": version}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(prefix / MARKER)


@contextmanager
def _locked(prefix: Path, say: Callable[[str], None]) -> Iterator[int]:
    with (prefix / "lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Asterisk: another installation is at work in {prefix}; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()
