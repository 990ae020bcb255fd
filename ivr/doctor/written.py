"""What is written: flows, prompts, desks, takes, and the sounds built of them."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.doctor.finding import Finding, some, warning, well, wrong
from ivr.doctor.patient import Patient
from ivr.errors import IvrError
from ivr.project import sounds
from ivr.speech.takes import Takes


def settings(patient: Patient) -> Iterator[Finding]:
    """A hotline that runs was started with the settings as they are now."""
    if late := [name for name in patient.changed if name != "sends"]:
        words = f"changed, and read at the next start only: {some(late)}"
        yield warning(words, f"ivr down{patient.here}; ivr up --detach{patient.here}")
    if "sends" in patient.changed:
        yield warning("not applied: agents' codes (sends)", f"ivr desks apply{patient.here}")
    if not patient.changed:
        yield well("can be read")


def project(patient: Patient) -> Iterator[Finding]:
    """Flows, prompts, services, hours and desks have no mistake."""
    checked = patient.checked
    if isinstance(checked, IvrError):
        yield wrong(str(checked), "cd to the project, or export IVR_ROOT=FOLDER")
    elif checked.problems:
        count = len(checked.problems)
        first = f"{count} mistake{'s' * (count > 1)}: {checked.problems[0]}"
        yield wrong(first, "ivr check")
    else:
        flows = len(checked.project.flows)
        yield well(f"{flows} flow{'s' * (flows != 1)}, version {checked.project.version}")


def takes(patient: Patient) -> Iterator[Finding]:
    """Every recording is what its manifest tells of."""
    known = Takes.load(patient.settings.takes, patient.settings.root)
    if bad := sorted({*known.problems, *known.damaged()}):
        yield wrong(f"{len(bad)} damaged: {bad[0]}", f"git checkout {patient.settings.takes}")
    else:
        yield well(f"{len(known)} recordings, none damaged")


def built(patient: Patient) -> Iterator[Finding]:
    """Every sound of the flows on disk is built at every speed in every codec."""
    checked, settings = patient.checked, patient.settings
    if isinstance(checked, IvrError) or checked.problems:
        yield warning("which sounds there must be is not known before the mistakes go", "ivr check")
        return
    wanted = sounds.clips_of(checked.project)
    with sounds.speakers(settings, Takes.load(settings.takes, settings.root)) as clips:
        unheard = clips.unheard(wanted, checked.project.speeds, settings.codecs)
    codecs = " and ".join(settings.codecs)
    if unheard:
        words = f"{len(unheard)} of {len(wanted)} sounds are not built, such as '{unheard[0].text}'"
        yield wrong(words, "ivr prompts build")
    else:
        yield well(f"{len(wanted)} sounds in {codecs}")
