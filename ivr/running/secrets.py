"""Secrets: made once, kept in one private file of the state directory."""

from __future__ import annotations

import fcntl
import json
import secrets
from collections.abc import Iterable
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter

from ivr.errors import IvrError
from ivr.switch.files import private, put
from ivr.web.basic import OPERATOR as OPERATOR
from ivr.web.basic import authorization

FILE = "secrets.json"
AMI = "ami"
# What the switch says to the controller with each call.
AGI = "agi"

# What does not fit is told without its text.
_FILE = TypeAdapter(dict[str, str], config=ConfigDict(hide_input_in_errors=True))


def load(state: Path, agents: Iterable[str]) -> dict[str, str]:
    """Return the passwords of AMI, AGI, the operator and each agent; make what is missing.

    The file has mode 0600 in a directory of mode 0700, and appears whole or not at all; parts
    that start at the same moment agree on it. Raises `IvrError` where it cannot be kept.
    """
    path = state / FILE
    try:
        private(state)
        wanted = [AMI, AGI, OPERATOR, *(f"agent {number}" for number in agents)]
        # Where nothing is missing nobody is waited for: the controller asks at each login.
        known = _read(path)
        if known.keys() >= set(wanted):
            return known
        with (state / "secrets.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = _read(path)
            if missing := [name for name in wanted if name not in known]:
                known |= {name: secrets.token_urlsafe(18) for name in missing}
                put(path, json.dumps(known, indent=1))
        return known
    except (OSError, ValueError) as fault:
        raise IvrError(f"{path}: secrets cannot be kept here: {fault}") from fault


def _read(path: Path) -> dict[str, str]:
    return _FILE.validate_json(path.read_bytes()) if path.exists() else {}


def agent_secrets(known: dict[str, str]) -> dict[str, str]:
    """Return the agents' passwords by number."""
    agents = ((name.partition("agent "), secret) for name, secret in known.items())
    return {number: secret for (_, found, number), secret in agents if found}


def users(state: Path, agents: Iterable[str]) -> dict[str, str]:
    """Return the passwords of those who use the API: the operator and these agents.

    Raises `IvrError` as `load` does.
    """
    numbers = set(agents)
    known = load(state, numbers)
    here = {number: each for number, each in agent_secrets(known).items() if number in numbers}
    return here | {OPERATOR: known[OPERATOR]}


def as_operator(state: Path) -> dict[str, str]:
    """Return the headers by which the hotline here knows that its operator asks; none without one.

    Raises `IvrError` as `load` does.
    """
    if not (state / FILE).exists():
        return {}
    return {"Authorization": authorization(OPERATOR, load(state, ())[OPERATOR])}
