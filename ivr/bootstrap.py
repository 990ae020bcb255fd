"""Before anything else can run: system packages, .venv, the locked Python packages, the project.

    python3 -I ivr/bootstrap.py

Only the standard library is used here: this runs under the system's python3 when nothing of the
project is installed yet. A second run finds in a moment that all is there.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "bootstrapped"
OLDEST_PYTHON = (3, 11)
LINES_SHOWN = 12

# What must be on the system, and the apt package that brings it. Debian splits ensurepip from
# python3; without it a venv has no pip.
MODULES = {"ensurepip": "python3-venv", "venv": "python3-venv"}
PROGRAMS = {"sox": "sox", "espeak-ng": "espeak-ng", "openssl": "openssl"}


class Refused(Exception):
    """It cannot go on; the text says why and what to do."""


def main() -> int:
    """Make everything ready; return the exit status."""
    try:
        if sys.version_info[:2] < OLDEST_PYTHON:
            found = ".".join(str(part) for part in sys.version_info[:2])
            raise Refused(f"Python 3.11 or newer is needed, this is {found}; try: make PYTHON=...")
        with _alone():
            _system()
            _packages()
    except Refused as refused:
        sys.stderr.write(f"bootstrap: {refused}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nbootstrap: broken off; start again, it goes on\n")
        return 130
    except OSError as error:
        sys.stderr.write(f"bootstrap: {error.filename or 'the system'}: {error.strerror}\n")
        return 1
    return 0


def missing() -> list[str]:
    """Return the apt packages that are needed and not there."""
    absent = {package for name, package in MODULES.items() if not importlib.util.find_spec(name)}
    absent |= {package for name, package in PROGRAMS.items() if not shutil.which(name)}
    return sorted(absent)


def fingerprint() -> str:
    """Return what the .venv depends on, as one line: lock, project, Python, and the place."""
    digest = hashlib.sha256()
    for part in (LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes()):
        digest.update(hashlib.sha256(part).digest())
    digest.update(f"{sys.version}{os.path.realpath(sys.executable)}{ROOT}".encode())
    return digest.hexdigest()


def _system() -> None:
    packages = missing()
    if not packages:
        return
    line = f"apt-get install --yes --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0:
        raise Refused(f"these are missing: {', '.join(packages)}; as root run\n\n    {line}\n")
    if not shutil.which("apt-get"):
        raise Refused(f"these are missing and there is no apt-get: {', '.join(packages)}")
    _say(f"installing {', '.join(packages)} with apt-get")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    # Old lists of packages name files that are gone: fetch them anew only then.
    if _run(line.split(), None):
        _say("apt-get update")
        _must(["apt-get", "update"], "the lists of packages could not be fetched")
        _must(line.split(), "the system packages could not be installed")
    if still := missing():
        raise Refused(f"apt-get installed {line.split()[-1]} and the like, yet {still} are missing")


def _packages() -> None:
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    if _made_by_another_python() or _run([str(PYTHON), "-m", "pip", "--version"], None):
        _say(f"making .venv with Python {sys.version.split()[0]}")
        words = [sys.executable, "-m", "venv", "--clear", str(VENV)]
        _must(words, "the virtual environment could not be made")
    STAMP.unlink(missing_ok=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    pip += ["--progress-bar", "off"]
    total = sum(1 for line in LOCK.read_text(encoding="utf-8").splitlines() if "==" in line)
    started = time.monotonic()
    _say(f"installing {total} Python packages, each checked against requirements.lock")
    advice = "the Python packages could not be installed; look at the network and start again"
    _must([*pip, "--require-hashes", "-r", str(LOCK)], advice, total)
    # setuptools is in the lock, too: building in isolation would fetch one nobody checked.
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    _must([*pip, *project], "the project itself could not be installed")
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(wanted, encoding="utf-8")
    fresh.replace(STAMP)
    _say(f"ready after {time.monotonic() - started:.0f} s")


def _made_by_another_python() -> bool:
    try:
        return os.path.realpath(PYTHON) != os.path.realpath(sys.executable) or not PYTHON.exists()
    except OSError:
        return True


def _must(argv: list[str], failure: str, total: int | None = None) -> None:
    last: deque[str] = deque(maxlen=LINES_SHOWN)
    if _run(argv, total, last):
        raise Refused(f"{failure}\n  " + "\n  ".join(last))


def _run(argv: list[str], total: int | None, last: deque[str] | None = None) -> int:
    """Run a command and return its exit status; 127 when it cannot be started.

    With `total` the packages pip collects are counted and shown about once a second.
    """
    try:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=ROOT,
        )
    except OSError:
        return 127
    count, shown = 0, time.monotonic()
    with child:
        for line in child.stdout or ():
            if last is not None and line.strip():
                last.append(line.rstrip())
            count += line.startswith(("Collecting ", "Processing "))
            if total and time.monotonic() - shown > 1:
                _say(f"  {min(count, total)}/{total} packages")
                shown = time.monotonic()
            if total and line.startswith("Installing collected"):
                _say(f"  {count}/{total} packages are here; unpacking them")
    return child.returncode


def _say(text: str) -> None:
    sys.stdout.write(f"bootstrap: {text}\n")
    sys.stdout.flush()


@contextmanager
def _alone() -> Iterator[None]:
    """Two at once would install into the same .venv; the second waits and finds all done."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another one is at work here; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


if __name__ == "__main__":
    raise SystemExit(main())
