"""What desks.yaml and agents.yaml say of each other, and of what stands elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ivr.errors import Problem, nearest
from ivr.flow.source import Path, Tree, place
from ivr.switch.desks import Desk, Desks


def within(desks: Tree, furniture: Desks) -> Iterator[Problem]:
    """Tell what is wrong in both files taken by themselves; `desks` is the tree of desks.yaml."""
    if not furniture.desks:
        yield Problem(
            desks.where, "no desks: callers for whom there is no controller need one", "empty"
        )
    numbers = {str(number): "an agent's number" for number in furniture.agents}
    for name, desk in furniture.desks.items():
        for path, message, rule in _of(str(name), desk, furniture, numbers):
            yield Problem(place(desks, ("desks", name, *path)), message, rule)
        if desk.number:
            numbers.setdefault(desk.number, f"the number of {name}")


_Told = Iterator[tuple[Path, str, str]]
"""The path in a desk, what is wrong there, and the rule."""


def _of(name: str, desk: Desk, furniture: Desks, numbers: Mapping[str, str]) -> _Told:
    for index, member in enumerate(desk.members):
        if member not in furniture.agents:
            near = nearest(member, furniture.agents)
            yield ("members", index), f"there is no agent {member}{near}", "no-such-agent"
        elif member in desk.members[:index]:
            yield ("members", index), f"{member} is already a member of {name}", "twice"
    if desk.relax and not (desk.relax.every or desk.relax.anyone):
        yield ("relax",), "this says neither 'every' nor 'anyone', so nothing relaxes", "idle-key"
    elif desk.relax and not any(
        furniture.agents[each].skills for each in desk.members if each in furniture.agents
    ):
        message = f"no agent of '{name}' has a skill, so there is nothing to relax"
        yield ("relax",), message, "idle-key"
    if desk.promise and not desk.hours:
        yield ("promise",), "a promise needs 'hours': within which of them?", "missing-key"
    if desk.flow and not desk.number:
        message = "'flow' needs 'number', which agents dial to pass a caller there"
        yield ("flow",), message, "missing-key"
    if desk.number and desk.number in numbers:
        yield ("number",), f"{desk.number} is already {numbers[desk.number]}", "number-taken"


def around(
    desks: Tree,
    agents: Tree,
    furniture: Desks,
    *,
    flows: Collection[str] | None,
    hours: Collection[str] | None,
    numbers: Mapping[str, str],
    untold: Collection[str] = (),
) -> Iterator[Problem]:
    """Tell what desks and agents mention that is not there, or is somebody else's.

    `numbers` are the hotline's with their flows. Of flows and hours that are None nothing is told.
    `untold` are the languages in which callers could not be told that they are recorded.
    """
    for name, desk in furniture.desks.items():
        at: Path = ("desks", name)
        if desk.hours and hours is not None and desk.hours not in hours:
            message = f"there are no opening hours '{desk.hours}'{nearest(desk.hours, hours)}"
            yield Problem(place(desks, (*at, "hours")), message, "no-such-opening-hours")
        if desk.flow and flows is not None and desk.flow not in flows:
            message = f"there is no flow '{desk.flow}'{nearest(desk.flow, flows)}"
            yield Problem(place(desks, (*at, "flow")), message, "no-such-flow")
        if untold and desk.recording and desk.recording.announce:
            message = (
                f"no prompt 'may_be_recorded' tells callers of it in {', '.join(sorted(untold))}; "
                "write it (prompts/), or say announce: false"
            )
            yield Problem(place(desks, (*at, "recording"), key=True), message, "prompt-missing")
        if desk.number in numbers:
            message = f"{desk.number} is a number of the hotline (ivr.yaml)"
            yield Problem(place(desks, (*at, "number")), message, "number-taken")
    for number in furniture.agents:
        if number in numbers:
            message = f"{number} is a number of the hotline (ivr.yaml)"
            where = place(agents, ("agents", number), key=True)
            yield Problem(where, message, "number-taken")
