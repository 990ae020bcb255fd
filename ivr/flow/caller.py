"""Who calls, and how she is spoken to from the first word on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.flow.logbook import Logbook
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.flow.story import FROM_OUTSIDE, Story
from ivr.flow.talk import NORMAL_SPEED, Choice, Talk


@dataclass(frozen=True)
class Caller:
    """Who calls: her number as far as it is known (digits, or ""), and the number she dialled.

    `id` names the record; one who was passed on has a story.
    """

    id: str
    number: str = ""
    called: str = ""
    story: Story = FROM_OUTSIDE


def talk_with(
    caller: Caller,
    project: Project,
    flow: str,
    clock: Callable[[], datetime],
    language: str | None,
    remembered: Choice | None,
    recorded: Mapping[str, bool] | None,
) -> Talk:
    """Return how a call begins now, its logbook open; `Session` tells what each of these means.

    Raises KeyError for no such flow.
    """
    header, story = project.flows[flow].header, caller.story
    remembered = remembered or Choice()
    known = remembered.language if remembered.language in header.languages else None
    brought = story.language if story.language in header.languages else None
    language = language or brought or known or header.languages[0]
    speed = _nearest({*header.speeds, NORMAL_SPEED}, story.speed or remembered.speed)
    opening = CallRecord(
        id=caller.id,
        caller=caller.number,
        called=caller.called,
        flow=flow,
        version=project.version,
        language=language,
        speed=f"{speed}%",
        started=clock(),
        recalled=language if language == known else "",
        after=story.after,
        passed_by=story.by,
    )
    return Talk(
        project=project,
        logbook=Logbook(opening),
        clock=clock,
        caller={"number": caller.number, "called": caller.called, "passed_by": story.by},
        came=story.path,
        recorded=recorded or {},
        knows_recorded=story.knows_recorded,
        places=tuple(sorted(project.places[flow])),
        languages=header.languages,
        language=language,
        speed=speed,
        is_remembered=language == known,
    )


def _nearest(speeds: Collection[int], wanted: int | None) -> int:
    """Return the speed that comes nearest, of two the slower; the normal one unless wanted."""
    return min(sorted(speeds), key=lambda speed: abs(speed - (wanted or NORMAL_SPEED)))
