"""What calls need made ready: the switch put there, every sound built, and shown how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import groupby

from ivr import screen
from ivr.announcements import announcing
from ivr.config import Settings
from ivr.flow.project import Project
from ivr.project import disk, sounds
from ivr.running import planning
from ivr.speech.clips import Detour
from ivr.speech.sheet import sheet
from ivr.speech.takes import Takes
from ivr.versions import drafts, publishing
from ivr.versions.served import Led


def prepare(settings: Settings) -> Led:
    """Put the switch there, and build every sound that is missing of what will lead the calls.

    Returns what that is. Raises IvrError where nothing can.
    """
    led, projects = asyncio.run(publishing.to_serve(settings))
    screen.line(f"Asterisk {planning.softswitch(settings, screen.line).version}")
    _make_heard(settings, projects)
    return led


def prepare_sounds(settings: Settings) -> None:
    """Do the same without the switch, for a controller that is started anew beside it."""
    _make_heard(settings, asyncio.run(publishing.to_serve(settings))[1])


def _make_heard(settings: Settings, projects: Iterable[Project]) -> None:
    for loaded in projects:
        build(settings, loaded)
        announcing.mend(settings, loaded, screen.line)


def prepare_draft(settings: Settings) -> Led:
    """Do the same for the files on disk, and hand them over as the first draft."""
    checked = disk.whole(settings)
    screen.line(f"Asterisk {planning.softswitch(settings, screen.line).version}")
    build(settings, checked.project)
    announcing.mend(settings, checked.project, screen.line)
    drafts.hand_over(settings.state, checked.sources)
    return Led(checked.project.version, "draft")


def build(settings: Settings, loaded: Project, keep: bool = False) -> None:
    """Build every sound that is missing, and show how far it is.

    With `keep` takes are made of what has none first.
    """
    takes = Takes.load(settings.takes, settings.root)
    for problem in takes.problems:
        screen.line(str(problem))
    with screen.stoppable(), sounds.speakers(settings, takes) as clips:
        if keep:
            with screen.progress("takes") as step:
                sounds.keep(sheet(loaded), takes, clips, step, screen.line)
        with screen.progress("prompts") as step:
            detours = sounds.build(settings, loaded, clips, step, screen.line)
    for name, its in groupby(sorted(detours, key=_candidate), _candidate):
        first, *more = its
        rest = f", and {len(more)} more" if more else ""
        screen.line(f"{name} is passed over for '{first.clip.text}'{rest}: {first.why}")


def _candidate(detour: Detour) -> str:
    """Return the candidate that failed, in the words of the settings."""
    return detour.candidate
