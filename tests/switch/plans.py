"""A plan to change one thing of."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from ivr.switch import music
from ivr.switch.desk_files import load
from ivr.switch.install import install
from ivr.switch.plan import HOME, Plan
from ivr.switch.queues import lines
from ivr.switch.softswitch import Softswitch, find
from tests import stage
from tests.ports import free_ports

NOWHERE = Softswitch(("/bin/false",), Path("/nowhere/modules"), Path("/nowhere/share"), "22.10.1")


def to_run(place: Path, *, streams: int, **changes: Any) -> Plan:
    """Return a plan of the switch that is installed here, or is then, on ports that are free.

    There are ports for so many `streams` of sound.
    """
    ami, agi = free_ports(socket.SOCK_STREAM, 2)
    sip, first = free_ports(socket.SOCK_DGRAM, 2)
    first = min(first - first % 2, 65_000)
    ports = {"sip_port": sip, "ami_port": ami, "agi_port": agi}
    sound = {"rtp_ports": (first, first + 2 * streams - 1)}
    hold = {"hold_music": music.build(place / "music").parent}
    prefix = Path("~/.cache/ivr-hotline/asterisk").expanduser()
    switch = {"softswitch": find(prefix) or install(prefix, lambda _line: None)}
    return a_plan(place, **{**switch, **ports, **sound, **hold, **changes})


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
