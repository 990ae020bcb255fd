"""Editions: versions of the flows, made ready for calls beside those that are going on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

from ivr.config import Settings
from ivr.errors import FlowError, IvrError
from ivr.flow import project
from ivr.flow.project import Project, Sources
from ivr.project import sounds
from ivr.services.http import Services
from ivr.speech.clips import Clips
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Loader, Speaker
from ivr.speech.takes import Takes
from ivr.switch.desks import Desks


@dataclass(frozen=True)
class Edition:
    """A version ready for calls. A call keeps the one it began with, whatever comes meanwhile."""

    project: Project
    speaker: Speaker
    services: Services

    @property
    def version(self) -> str:
        """What the records of its calls call it."""
        return self.project.version


Make = Callable[[Sources], Awaitable[Edition]]
"""Makes a version ready for calls; raises IvrError for one that cannot lead any."""


class Press:
    """Makes editions. Their sounds are to be built before; all that takes time is off the loop.

    `queues` are those that flows may name.
    """

    def __init__(
        self,
        settings: Settings,
        queues: Collection[str],
        clips: Clips,
        shelf: Shelf,
        services: Services,
        beside: Callable[[Loader], Loader] = lambda clips: clips,
    ) -> None:
        """`beside` adds to the clips of a version what is said beside it."""
        self._settings = settings
        self.queues = queues
        self._clips = clips
        self._shelf = shelf
        self._services = services
        self._beside = beside

    def furnish(self, desks: Desks) -> None:
        """Let flows name the queues of these desks from now on."""
        self.queues = desks.desks

    async def edition(self, sources: Sources, *, is_draft: bool = False) -> Edition:
        """Return a version ready for calls; a draft's name tells that it is one.

        Raises IvrError for what calls could not be led by: mistakes in a file, a number whose
        flow is not there, a sound that has not been built.
        """
        return await asyncio.to_thread(self._edition, sources, is_draft)

    def _edition(self, sources: Sources, is_draft: bool) -> Edition:
        loaded = read(self._settings, replace(sources, queues=self.queues))
        takes = Takes.load(self._settings.takes, self._settings.root)
        clips = self._clips.with_takes(takes)
        unheard = clips.unheard(sounds.clips_of(loaded), loaded.speeds, self._settings.codecs)
        if unheard:
            message = f"{len(unheard)} sounds are not built, such as '{unheard[0].text}'"
            raise IvrError(f"version {loaded.version} cannot speak: {message}; `ivr prepare`")
        urls = self._settings.service_urls(loaded)
        named = replace(loaded, version=f"{loaded.version}-draft") if is_draft else loaded
        services = self._services.declaring(loaded.services, urls)
        return Edition(named, Speaker(self._beside(clips), self._shelf), services)


def read(settings: Settings, sources: Sources) -> Project:
    """Return the project of a version, which was checked when it was published or saved.

    The rules are not asked again: one that was made since takes no version from callers. Raises
    IvrError for what cannot be read, and for a number whose flow is not there.
    """
    loaded, problems = project.read(sources)
    if problems:
        raise FlowError(problems)
    for number, flow in settings.numbers.items():
        if flow not in loaded.flows:
            raise IvrError(f"version {loaded.version} has no flow '{flow}', which answers {number}")
    return loaded
