"""Secrets: made once, kept in one private file of the state directory."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from ivr.errors import IvrError

FILE = "secrets.json"
AMI = "ami"


def load(state: Path, agents: Iterable[str]) -> dict[str, str]:
    """Return the password of the AMI account and of each agent, making those there are none of.

    The file has mode 0600 in a directory of mode 0700, and appears whole or not at all. Raises
    `IvrError` where it cannot be read or written.
    """
    path = state / FILE
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        state.chmod(0o700)
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        wanted = [AMI, *(f"agent {number}" for number in agents)]
        missing = [name for name in wanted if name not in known]
        if missing:
            known |= {name: secrets.token_urlsafe(18) for name in missing}
            _write(path, json.dumps(known, indent=1))
        return known
    except (OSError, ValueError) as fault:
        raise IvrError(f"{path}: secrets cannot be kept here: {fault}") from fault


def agent_secrets(known: dict[str, str]) -> dict[str, str]:
    """Return the agents' passwords by number."""
    agents = ((name.partition("agent "), secret) for name, secret in known.items())
    return {number: secret for (_, found, number), secret in agents if found}


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
