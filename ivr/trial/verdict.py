"""Whether a call was as its test says, and if not, the whole call with the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.trial import transcript
from ivr.trial.acts import Act
from ivr.trial.calls import Ends, Expected, Trial
from ivr.trial.simulation import play
from ivr.trial.speaking import squeezed
from ivr.trial.transcript import Event, Transcript


@dataclass(frozen=True)
class Fault:
    """Something that was not as expected, told before the event of this index."""

    index: int
    message: str


@dataclass(frozen=True)
class Result:
    """A test that was run. It passed if there are no faults."""

    trial: Trial
    record: CallRecord
    transcript: Transcript
    faults: tuple[Fault, ...]

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.faults

    def __str__(self) -> str:
        """The test and where it stands, the whole call, and `>>>` where it went wrong."""
        lines = [f"{self.trial.where}: {self.trial.name}"]
        told = sorted(self.faults, key=lambda fault: fault.index)
        for index, line in enumerate([*self.transcript.lines(), None]):
            lines += [f">>> {fault.message}" for fault in told if fault.index == index]
            lines += [] if line is None else [f"    {line}"]
        return "\n".join(lines)


def run(trial: Trial, project: Project) -> Result:
    """Play a test's call and judge it."""
    played = play(project, trial.flow, trial.given, trial.expected.does)
    script = transcript.of(played.record, project)
    faults = judge(trial.expected, script, project, played.left)
    return Result(trial, played.record, script, tuple(faults))


def judge(
    expected: Expected, script: Transcript, project: Project, left: tuple[Act, ...] = ()
) -> Iterator[Fault]:
    """Return what is not as expected. `left` is what she could not do any more."""
    over = len(script.events)
    yield from _hearing(expected, script, project)
    for index, event in enumerate(script.events):
        for unwanted in expected.never:
            if _is(unwanted, event, project):
                yield Fault(index, f"this must not be heard: {unwanted}")
    if left:
        did = ", ".join(f"'{act}'" for act in left)
        yield Fault(over, f"the call was over before she did {did}")
    if script.outcome == "failed" and expected.ends.outcome != "failed":
        yield Fault(over, "a fault of the flow ended this call")
    yield from (Fault(over, message) for message in _ending(expected.ends, script))


def _hearing(expected: Expected, script: Transcript, project: Project) -> Iterator[Fault]:
    """Find everything in its order, texts also one after the other within what is said at once."""
    index, rest = 0, ""
    for wanted in expected.hears:
        if wanted not in project.catalogue.texts and squeezed(wanted) in rest:
            rest = rest.partition(squeezed(wanted))[2]
            continue
        found = next(
            (
                number
                for number, event in enumerate(script.events[index:], start=index)
                if _is(wanted, event, project)
            ),
            None,
        )
        if found is None:
            yield Fault(index, f"from here on this is not heard: {wanted}{_else(wanted, script)}")
            return
        rest = squeezed(script.events[found].what)
        if wanted not in project.catalogue.texts:
            rest = rest.partition(squeezed(wanted))[2]
        index = found + 1


def _is(wanted: str, event: Event, project: Project) -> bool:
    if wanted in project.catalogue.texts:
        return event.prompt == wanted
    return event.sort == "said" and squeezed(wanted) in squeezed(event.what)


def _else(wanted: str, script: Transcript) -> str:
    return "; it is heard earlier" if any(e.prompt == wanted for e in script.events) else ""


def _ending(ends: Ends, script: Transcript) -> Iterator[str]:
    for name in Ends.model_fields:
        wanted = getattr(ends, name)
        if wanted is not None:
            wanted = f"{wanted}%" if name == "speed" else str(wanted)
            came = getattr(script, name)
            if came != wanted:
                yield f"expected at the end: {name} {wanted}; it is {came or 'none'}"
