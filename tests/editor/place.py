"""Where the language server of editors is: npm packages of its own, pinned by package-lock.json."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "build" / "editor"
SERVER = HOME / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
PINNED = tuple(Path(__file__).parent / name for name in ("package.json", "package-lock.json"))

# Holds the fingerprint of what is installed; is written last.
READY = HOME / "ready"
# Holds why the last installation failed.
ABSENT = HOME / "absent"


def fingerprint() -> str:
    """Return what is to be installed, as one line."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in PINNED)).hexdigest()


def lacking() -> str | None:
    """Return why the server cannot be asked, or None when it can."""
    if READY.exists() and READY.read_text(encoding="utf-8") == fingerprint():
        return None
    if ABSENT.exists():
        return ABSENT.read_text(encoding="utf-8")
    return "yaml-language-server is not installed; run: python -m tests.editor.install"
