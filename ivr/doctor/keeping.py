"""What is kept: the database, records without an end, promises, recorded talks."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.doctor.finding import Finding, some, warning, well, wrong
from ivr.doctor.patient import TALKS, Kept, Patient
from ivr.errors import IvrError


def database(patient: Patient) -> Iterator[Finding]:
    """The database answers, and no record of a call was left without its end."""
    kept = patient.kept
    if kept is None and patient.live:
        file = patient.settings.records_file
        again = f"ivr down{patient.here}; ivr up --detach{patient.here}"
        yield wrong(f"{file} is gone", f"put it back from a copy, or begin anew: {again}")
    elif kept is None:
        yield well("made at the first start")
    elif isinstance(kept, IvrError):
        yield wrong(str(kept), _database(patient, str(kept)))
    elif kept.left:
        words = f"{kept.left} record{'s' * (kept.left > 1)} of calls without an end"
        begin = f"ivr up --detach{patient.here}"
        yield warning(words, f"ivr down{patient.here}; {begin}" if patient.live else begin)
    else:
        yield well("it answers; no record is left open")


def _database(patient: Patient, trouble: str) -> str:
    """Return what mends a database that does not do what it is asked."""
    file, here = patient.settings.records_file, patient.here
    if patient.settings.database:
        return "database: URL in ivr.yaml"
    if "not a database" in trouble or "malformed" in trouble:
        aside = f"mv {file} {file}.broken"
        return f"ivr down{here}; {aside}; restore it from a copy; ivr up --detach{here}"
    return f"fuser -v {file}"


def pending(patient: Patient) -> Iterator[Finding]:
    """Nothing waits for the database, and nothing was put aside that it cannot take."""
    folder = patient.settings.state / "pending"
    waiting, bad = (len(list(folder.glob(f"*.{end}"))) for end in ("json", "bad"))
    log = patient.settings.state / "log" / "controller.log"
    if bad:
        yield wrong(f"{bad} put aside in {folder}, which cannot be written", f"grep aside {log}")
    if waiting:
        mend = f"grep 'the database' {log}" if patient.live else f"ivr up --detach{patient.here}"
        yield warning(f"{waiting} records or promises wait for the database", mend)
    if not bad and not waiting:
        yield well("nothing waits for the database")


def promises(patient: Patient) -> Iterator[Finding]:
    """Where desks promise to call back something dials, and no promise is late."""
    checked, kept = patient.checked, patient.kept
    late = kept.late if isinstance(kept, Kept) else 0
    if late:
        words = f"{late} call{'s' * (late > 1)} back that were promised for a time that is over"
        yield wrong(words, f"ivr callbacks{patient.here}")
    found = None if isinstance(checked, IvrError) else checked.desks
    promising = [name for name, desk in found.desks.items() if desk.promise] if found else []
    if promising and patient.settings.trunk is None:
        words = (
            f"calls back are promised at {some(promising)}, and without a trunk people dial them"
        )
        yield warning(words, "trunk: HOST:PORT in ivr.yaml")
    elif not late:
        yield well("none is late")


def talks(patient: Patient) -> Iterator[Finding]:
    """No recorded talk is kept beyond its time."""
    kept = patient.kept
    if not isinstance(kept, Kept):
        return
    if not kept.talks:
        yield well("none is kept beyond its time")
        return
    count = f"{kept.talks}{' and more' if kept.talks == TALKS else ''}"
    log = patient.settings.state / "log" / "controller.log"
    mend = f"grep 'recorded talks' {log}" if patient.live else f"ivr up --detach{patient.here}"
    yield wrong(f"{count} kept beyond their time", mend)
