"""`ivr doctor`: every check, in the order in which a person would mend what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ivr.doctor import instance, keeping, machine, service, written
from ivr.doctor.finding import Finding, wrong
from ivr.doctor.patient import Patient
from ivr.errors import IvrError

Check = Callable[[Patient], Iterator[Finding]]
"""Looks at one thing. What cannot be told of it, as without a hotline, it leaves out."""

# A check is added here.
CHECKS: Mapping[str, Check] = {
    "settings": written.settings,
    "project": written.project,
    "takes": written.takes,
    "sounds": written.built,
    "asterisk": machine.asterisk,
    "ports": machine.ports,
    "open files": machine.files,
    "clock": machine.clock,
    "room": machine.room,
    "state": instance.state,
    "secrets": instance.secrets,
    "logs": instance.logs,
    "database": keeping.database,
    "pending": keeping.pending,
    "hotline": service.parts,
    "datagrams": service.datagrams,
    "version": service.version,
    "desks": service.desks,
    "agents": service.agents,
    "promises": keeping.promises,
    "talks": keeping.talks,
}


def examine(patient: Patient) -> list[Finding]:
    """Return what every check finds; one that cannot look tells why, and stops no other."""
    findings = []
    for name, check in CHECKS.items():
        try:
            found = list(check(patient))
        except (IvrError, OSError) as fault:
            found = [wrong(str(fault), f"ivr status{patient.here}")]
        findings += [replace(each, check=name) for each in found]
    return findings
