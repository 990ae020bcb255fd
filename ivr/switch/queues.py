"""The switch's queues, made of desks, agents and what flows ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from ivr.desk.lines import ANYONE, desk_of, line, penalty, skills_of, steps
from ivr.flow.fields import LANGUAGE_NAMES, Variable
from ivr.flow.node import Flow
from ivr.flow.nodes.callback import Callback
from ivr.flow.nodes.queue import Queue
from ivr.flow.project import Project
from ivr.switch.desks import STRATEGIES, Desk, Desks
from ivr.switch.template import Rows

# app_queue looks through all queues whenever a phone begins or ends to ring.
MOST_LINES = 64
"""Lines of one desk at most."""


@dataclass(frozen=True)
class Line:
    """A queue of the switch: its name, its desk, and each agent's penalty there by her number."""

    queue: str
    desk: Desk
    penalties: Mapping[str, int]


def lines(furniture: Desks, project: Project) -> list[Line]:
    """Return each desk's own line, and one for each set of skills asked for that somebody has."""
    return [
        _line(furniture, str(name), skills)
        for name, desk in furniture.desks.items()
        for skills in sorted({(), *map(_sorted, _answered(furniture, desk, asked(project, name)))})
    ]


def asked(project: Project, desk: str) -> set[frozenset[str]]:
    """Return the sets of skills that callers may need at a desk.

    Each language by itself, for who is passed on there, and what queue and callback nodes ask for.
    What a variable holds is not known before: `$language` may be each of its flow's, any other
    whatever a skill of the desk is. Of more than MOST_LINES sets just one too many is returned.
    """
    sets = {frozenset({language}) for language in LANGUAGE_NAMES}
    for flow in project.flows.values():
        for node in flow.nodes.values():
            if isinstance(node, Queue | Callback) and node.desk == desk and node.skills:
                known = project.skills.get(desk, ())
                choices = [_may_be(skill, flow, known) for skill in node.skills]
                for chosen in product(*choices):
                    sets.add(frozenset(chosen))
                    if len(sets) > MOST_LINES:
                        return sets
    return sets


def _may_be(skill: str, flow: Flow, known: Iterable[str]) -> list[str]:
    if not isinstance(skill, Variable):
        return [skill]
    if skill == "$language":
        return [str(language) for language in flow.header.languages]
    return sorted({*known} - {*LANGUAGE_NAMES})


def _sorted(skills: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(skills))


def _answered(
    furniture: Desks, desk: Desk, sets: Iterable[frozenset[str]]
) -> Iterator[frozenset[str]]:
    """Leave out what none of the desk's agents can do: its callers wait in the desk's own line."""
    can = [frozenset(map(str, furniture.agents[number].skills)) for number in desk.members]
    return (skills for skills in sets if any(skills <= each for each in can))


def _line(furniture: Desks, name: str, skills: Iterable[str]) -> Line:
    desk = furniture.desks[name]  # type: ignore[index]
    relax = desk.relax
    found = {
        str(number): penalty(
            {str(skill): level for skill, level in furniture.agents[number].skills.items()},
            skills,
            by_level=bool(relax and relax.every),
        )
        for number in desk.members
    }
    if not (relax and relax.anyone):
        found = {number: each for number, each in found.items() if each < ANYONE}
    return Line(line(name, skills), desk, found)


def rows(made: Iterable[Line], names: Mapping[str, str]) -> Rows:
    """Return the rows of queues.conf; `names` are the agents', by number."""
    return [
        {
            "queue": each.queue,
            "strategy": STRATEGIES[each.desk.strategy],
            "ring_for": f"{max(1, round(each.desk.ring_for))}",
            "wrap_up": f"{round(each.desk.wrap_up)}",
            "capacity": str(each.desk.capacity),
            "weight": str(each.desk.weight),
            "relaxing": [{"desk": desk_of(each.queue)}] if _relaxes(each) else [],
            "members": [
                {"agent": number, "name": names[number], "penalty": str(penalty)}
                for number, penalty in each.penalties.items()
            ],
        }
        for each in made
    ]


def rules(made: Iterable[Line]) -> Rows:
    """Return the rows of queuerules.conf: how each desk relaxes that does."""
    relaxing = {desk_of(each.queue): each.desk.relax for each in made}
    return [
        {
            "desk": desk,
            "steps": [
                {"after": str(after), "most": str(most)}
                for after, most in steps(relax.every, relax.anyone)
            ],
        }
        for desk, relax in relaxing.items()
        if relax
    ]


def _relaxes(made: Line) -> bool:
    return made.desk.relax is not None and bool(skills_of(made.queue))
