"""The desks as the switch has them: what was last written for it, which the controller follows.

From an edit of desks.yaml to `ivr desks apply` the two differ; calls go by what is applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ivr.switch.agents import Part
from ivr.switch.desks import Desks
from ivr.switch.files import put
from ivr.switch.queues import Line

FILE = "desks.json"
"""Where it stands in the switch's folder of configuration."""


class Applied(Part):
    """Desks and agents, and the names of the queues that the switch has of them."""

    desks: Desks
    queues: tuple[str, ...]


def read(etc: Path) -> Applied | None:
    """Return what is applied, None where nothing is, or what another version wrote."""
    try:
        return Applied.model_validate_json((etc / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def keep(etc: Path, desks: Desks, lines: Iterable[Line]) -> None:
    """Write what is applied; it appears whole or not at all. Raises OSError."""
    whole = Applied(desks=desks, queues=tuple(line.queue for line in lines))
    put(etc / FILE, whole.model_dump_json())


def told(before: Desks, now: Desks) -> list[str]:
    """Return what changed from one to the other, a line each: who and what came, changed, went."""
    return [
        *_told("agent", before.agents, now.agents),
        *_told("desk", before.desks, now.desks),
    ]


def _told(what: str, before: Mapping[Any, Part], now: Mapping[Any, Part]) -> list[str]:
    new, gone = [x for x in now if x not in before], [x for x in before if x not in now]
    changed = [x for x in now if x in before and now[x] != before[x]]
    return [
        f"{len(names)} {what}{'s' * (len(names) > 1)} {how}: {', '.join(names[:8])}"
        + (" …" if len(names) > 8 else "")
        for how, names in (("new", new), ("changed", changed), ("gone", gone))
        if names
    ]
