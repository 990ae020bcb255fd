"""Secrets: made once, kept in one private file of the state directory."""

from __future__ import annotations

import fcntl
import json
import secrets
from collections.abc import Iterable
from pathlib import Path

from ivr.errors import IvrError
from ivr.switch.files import private, put

FILE = "secrets.json"
AMI = "ami"


def load(state: Path, agents: Iterable[str]) -> dict[str, str]:
    """Return the password of the AMI account and of each agent, making those there are none of.

    The file has mode 0600 in a directory of mode 0700, and appears whole or not at all; parts
    that start at the same moment agree on it. Raises `IvrError` where it cannot be kept.
    """
    path = state / FILE
    try:
        private(state)
        with (state / "secrets.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
            wanted = [AMI, *(f"agent {number}" for number in agents)]
            missing = [name for name in wanted if name not in known]
            if missing:
                known |= {name: secrets.token_urlsafe(18) for name in missing}
                put(path, json.dumps(known, indent=1))
        return known
    except (OSError, ValueError, TypeError) as fault:
        raise IvrError(f"{path}: secrets cannot be kept here: {fault}") from fault


def agent_secrets(known: dict[str, str]) -> dict[str, str]:
    """Return the agents' passwords by number."""
    agents = ((name.partition("agent "), secret) for name, secret in known.items())
    return {number: secret for (_, found, number), secret in agents if found}
