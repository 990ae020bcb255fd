"""Where the recogniser is: a venv of its own, and the joined model in it."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "build" / "ears"
PYTHON = HOME / "venv" / "bin" / "python"
MODEL = HOME / "model"
LOCK = Path(__file__).parent / "requirements.lock"

# Holds the fingerprint of what is installed; is written last.
READY = HOME / "ready"
# Holds why the last installation failed.
ABSENT = HOME / "absent"


def fingerprint() -> str:
    """Return what the venv depends on, as one line: lock, Python, and the place."""
    return hashlib.sha256(LOCK.read_bytes() + f"{sys.version}{HOME}".encode()).hexdigest()


def lacking() -> str | None:
    """Return why the recogniser cannot be asked, or None when it can."""
    if READY.exists() and READY.read_text(encoding="utf-8") == fingerprint():
        return None
    if ABSENT.exists():
        return ABSENT.read_text(encoding="utf-8")
    return "the recogniser is not installed; run: make test-ears"
