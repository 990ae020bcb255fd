"""The hotline that runs: its parts, what leads its calls, its desks and who is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ivr.config import Settings
from ivr.desk.snapshot import AgentState
from ivr.doctor.finding import Finding, some, warning, well, wrong
from ivr.doctor.patient import Patient
from ivr.errors import IvrError
from ivr.switch import applied, drops
from ivr.switch.desks import Desks
from ivr.switch.gatekeeper import LONGEST


def parts(patient: Patient) -> Iterator[Finding]:
    """Every part runs and is well, the link to the switch too."""
    live, log = patient.live, patient.settings.log
    if live is None:
        state = patient.settings.state
        yield wrong(f"no hotline runs on {state}", f"ivr up --detach{patient.here}")
        return
    if live.trouble:
        yield wrong(live.trouble, f"tail {log / 'controller.log'}")
    for name, part in live.parts.items():
        if not part["ok"]:
            words = f"the {name} is not well: {part.get('detail') or 'no reason is known'}"
            # What back ends say is in the controller's log.
            file = "controller.log" if name.startswith("service ") else f"{name}.log"
            yield wrong(words, f"tail {log / file}")
    if not live.trouble and all(part["ok"] for part in live.parts.values()):
        yield well(", ".join(f"{name} {part['pid']}" for name, part in live.parts.items()))


def datagrams(patient: Patient) -> Iterator[Finding]:
    """Of what is sent to the SIP port nothing is dropped before the switch hears it."""
    settings = patient.settings
    count = drops.dropped(settings.sip_host, settings.sip_port) if patient.live else None
    if count is None:
        return
    if count == 0:
        yield well("none for SIP was dropped")
        return
    words = f"the kernel has dropped {count:,} for SIP: the gate lets none through from strangers, "
    words += f"nor any longer than {LONGEST:,} bytes, as a carrier's may be"
    if full := drops.overflown():
        words += f"; or the switch was too busy ({full:,} on this machine met a full buffer)"
    yield warning(words, drops.too_long(settings.sip_port))


def version(patient: Patient) -> Iterator[Finding]:
    """New calls are led by the files on disk, or by what was published last."""
    said = patient.live.versions if patient.live else {}
    if not said:
        return
    if said["trouble"]:
        yield wrong(str(said["trouble"]), f"ivr prepare; ivr versions{patient.here}")
    serves = f"calls are led by {said['serves']} ({said['origin']})"
    if said["files"] != str(said["serves"]).removesuffix("-draft"):
        mend = f"ivr publish -m 'WHY'{patient.here}"
        yield warning(f"{serves}; the files on disk are another version, {said['files']}", mend)
    elif not said["trouble"]:
        yield well(serves)


def desks(patient: Patient) -> Iterator[Finding]:
    """The switch has the desks and agents as they are written."""
    before, now = _applied(patient.settings), _written(patient)
    if patient.live is None or before is None or now is None:
        return
    if changes := applied.told(before, now):
        yield warning(f"not applied: {'; '.join(changes)}", f"ivr desks apply{patient.here}")
    else:
        count = f"{len(now.desks)} desk{'s' * (len(now.desks) != 1)}"
        yield well(f"{count} and {len(now.agents)} agents as they are written")


def agents(patient: Patient) -> Iterator[Finding]:
    """Somebody is there at each desk that is open now, and is not paused."""
    there = _applied(patient.settings)
    if patient.live is None or there is None or not patient.live.agents:
        return
    states = {str(row["number"]): str(row["state"]) for row in patient.live.agents}
    open_ = [name for name in there.desks if _is_open(patient, there, name)]
    by_desk = {
        name: [states.get(str(n), AgentState.LOGGED_OUT) for n in there.desks[name].members]
        for name in open_
    }
    nobody = [n for n, all_ in by_desk.items() if all(x == AgentState.LOGGED_OUT for x in all_)]
    away = (AgentState.LOGGED_OUT, AgentState.PAUSED)
    paused = [n for n, all_ in by_desk.items() if n not in nobody and all(x in away for x in all_)]
    if nobody:
        words = f"no agent's phone is registered at {some(nobody)}, open now"
        yield warning(words, f"ivr agents --secrets{patient.here}")
    if paused:
        words = f"every agent is paused at {some(paused)}, open now"
        yield warning(words, f"ivr agents{patient.here}")
    if not nobody and not paused:
        yield well(f"somebody is at each of {len(open_)} desks open now")


def _is_open(patient: Patient, there: Desks, name: Any) -> bool:
    hours = there.desks[name].hours
    if hours is None or isinstance(patient.checked, IvrError):
        return True
    known = patient.checked.project.hours.get(str(hours))
    return known is None or known.state(patient.now) == "open"


def _applied(settings: Settings) -> Desks | None:
    found = applied.read(settings.etc)
    return found.desks if found else None


def _written(patient: Patient) -> Desks | None:
    return None if isinstance(patient.checked, IvrError) else patient.checked.desks
