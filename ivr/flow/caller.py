"""Who calls, and how she is spoken to from the first word on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.flow.logbook import Logbook
from ivr.flow.project import Project
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
    started: datetime,
    clock: Callable[[], datetime],
    language: str | None,
    remembered: Choice | None,
    recorded: Mapping[str, bool] | None,
) -> Talk:
    """Return how a call begins, its logbook open; `Session` tells what each of these means.

    Raises KeyError for no such flow.
    """
    top, remembered = project.flows[flow], remembered or Choice()
    story = caller.story
    if story.language in top.header.languages:
        language = language or story.language
    remembered = replace(remembered, speed=story.speed or remembered.speed)
    known = remembered.language if remembered.language in top.header.languages else None
    language = language or known or top.header.languages[0]
    speeds = {*top.header.speeds, NORMAL_SPEED}
    speed = min(sorted(speeds), key=lambda s: abs(s - (remembered.speed or NORMAL_SPEED)))
    logbook = Logbook(
        id=caller.id,
        caller=caller.number,
        called=caller.called,
        flow=flow,
        version=project.version,
        language=language,
        speed=f"{speed}%",
        started=started,
        recalled=language if language == known else "",
        after=story.after,
        passed_by=story.by,
    )
    return Talk(
        project=project,
        logbook=logbook,
        clock=clock,
        caller={"number": caller.number, "called": caller.called, "passed_by": story.by},
        came=story.path,
        recorded=recorded or {},
        knows_recorded=story.knows_recorded,
        places=tuple(sorted(project.places[flow])),
        languages=top.header.languages,
        language=language,
        speed=speed,
        is_remembered=language == known,
    )
