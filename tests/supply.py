"""What is installed from PyPI: a bill of it, and what is known against it.

    python -m tests.supply sbom
    python -m tests.supply audit

The bills (CycloneDX, JSON) go to build/sbom, one for each lock file. The audit exits with 0 where
nothing is known, with 1 where something is, and with 2 where that could not be asked, wholly or
of some: pip-audit by itself says success then.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[1]
# The hotline with its tests, the voices' own Python, and the recogniser that listens in tests.
LOCKS = {
    "hotline": "requirements.lock",
    "voices": "ivr/speech/voices/engines/requirements.lock",
    "hearing": "tests/hearing/requirements.lock",
}
CLEAN, FOUND, NOT_ASKED = 0, 1, 2


@dataclass(frozen=True)
class Verdict:
    """What an audit came to: its exit status, and what is to be read, line by line."""

    status: int
    lines: tuple[str, ...]


def bill(lock: Path, to: Path) -> None:
    """Write the bill of what a lock file names. Raises CalledProcessError."""
    to.parent.mkdir(parents=True, exist_ok=True)
    words = ["cyclonedx_py", "requirements", "--output-reproducible", "--pyproject"]
    words += [str(HOME / "pyproject.toml"), "-o", str(to), str(lock)]
    # It warns that a lock file does not tell who wants what.
    subprocess.run([sys.executable, "-W", "ignore", "-m", *words], check=True)


def audit(lock: Path, environment: Mapping[str, str] | None = None) -> Verdict:
    """Ask PyPI what is known against each version that a lock file names."""
    words = ["pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    done = subprocess.run(
        [sys.executable, "-m", *words, "--format", "json", "--requirement", str(lock)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return verdict(json.loads(done.stdout))
    except ValueError:
        why = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return Verdict(NOT_ASKED, (f"nothing could be asked: {why[:300]}",))


def verdict(report: Mapping[str, Any]) -> Verdict:
    """Return what a report of pip-audit comes to."""
    packages = report["dependencies"]
    skipped = [package for package in packages if "skip_reason" in package]
    lines = [
        f"{package['name']} {package['version']}: {known['id']},"
        f" mended in {', '.join(known['fix_versions']) or 'no version yet'}"
        for package in packages
        for known in package.get("vulns", ())
    ]
    status = FOUND if lines else CLEAN
    if skipped or not packages:
        why = skipped[0]["skip_reason"] if skipped else "no package is named"
        lines.append(f"{len(skipped)} of {len(packages)} could not be asked about: {why}")
        status = status or NOT_ASKED
    return Verdict(status, tuple(lines or [f"nothing is known against {len(packages)} packages"]))


def main(what: str) -> int:
    """Do what the Makefile asks for; return the exit status."""
    if what == "sbom":
        for name, lock in LOCKS.items():
            bill(HOME / lock, to := HOME / "build/sbom" / f"{name}.cdx.json")
            _say(f"{to.relative_to(HOME)}: what {lock} names")
        return CLEAN
    verdicts = {lock: audit(HOME / lock) for lock in LOCKS.values()}
    for lock, each in verdicts.items():
        for line in each.lines:
            _say(f"{lock}: {line}")
    stati = {each.status for each in verdicts.values()}
    return FOUND if FOUND in stati else max(stati)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
