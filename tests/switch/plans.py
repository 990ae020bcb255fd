"""A plan to change one thing of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ivr.switch.desk_files import load
from ivr.switch.plan import HOME, Plan
from ivr.switch.queues import lines
from ivr.switch.softswitch import Softswitch
from tests import stage

NOWHERE = Softswitch(("/bin/false",), Path("/nowhere/modules"), Path("/nowhere/share"), "22.10.1")


def a_plan(place: Path, **changes: Any) -> Plan:
    """Return a plan under `place` with the shipped desks and `changes`."""
    files = [HOME / "asterisk-config" / f"{name}.yaml" for name in ("desks", "agents")]
    desks = changes.get("desks") or load(files[0], files[1])
    values: dict[str, Any] = {
        "etc": place / "etc",
        "state": place / "state",
        "softswitch": NOWHERE,
        "sip_port": 5060,
        "ami_port": 5038,
        "agi_port": 4573,
        "rtp_ports": (20000, 20199),
        "ami_secret": "the-secret-of-the-controller",
        "agi_secret": "the-secret-of-the-switch",
        "numbers": {"10086": "hotline"},
        "desks": desks,
        "lines": lines(desks, stage.load()),
        "agent_secrets": {number: f"the-secret-of-{number}" for number in desks.agents},
        "hold_music": place / "music",
        "apology": (),
        "front_desk": "front_desk",
    }
    return Plan(**{**values, **changes})
