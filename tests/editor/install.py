"""Install the language server of editors where the tests look for it: build/editor.

    python -m tests.editor.install

A machine without Node.js, or that cannot have the packages within SECONDS, is no failure of the
project: it is told in one line, and the tests that would ask the server are skipped with that line.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

from tests.editor.place import ABSENT, HOME, PINNED, READY, SERVER, fingerprint, lacking

SECONDS = 120


class Failed(Exception):
    """It could not be installed; the text says why."""


def main() -> None:
    """Install what is not installed."""
    if lacking() is None:
        return
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    started = time.monotonic()
    try:
        _install()
    except (Failed, OSError) as problem:
        ABSENT.write_text(
            f"yaml-language-server could not be installed: {problem}", encoding="utf-8"
        )
        _say(f"{ABSENT.read_text(encoding='utf-8')}; what needs it is skipped")
        return
    READY.write_text(fingerprint(), encoding="utf-8")
    _say(f"ready after {time.monotonic() - started:.0f} s")


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Failed("there is no Node.js here (node and npm)")
    for file in PINNED:
        shutil.copyfile(file, HOME / file.name)
    # No scripts: nothing of these packages runs while they are installed.
    argv = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(argv, cwd=HOME, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise Failed(f"not done within {SECONDS} s") from None
    if done.returncode or not SERVER.exists():
        last = (done.stderr.strip() or done.stdout.strip() or "no word why").splitlines()[-1]
        raise Failed(last[:300])


def _say(text: str) -> None:
    sys.stdout.write(f"editor: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
