"""The noticeboard: what is announced just now, as every call of this controller reads it.

Who announces something writes it into the database, with all its sounds built. One question every
half second, for all calls together, finds it there; a call asks nobody but this object.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.flow.announcement import Announcement
from ivr.flow.record import CallRecord
from ivr.flow.speech import Clip, Place
from ivr.flow.talk import NORMAL_SPEED
from ivr.meanwhile import meanwhile
from ivr.speech import announced
from ivr.speech.clips import ClipMissing, Clips
from ivr.speech.quiet import silence
from ivr.speech.speaker import Loader
from ivr.speech.takes import TakesError
from ivr.store.announcements import Announcements, Notice
from ivr.store.database import StoreError

_log = logging.getLogger(__name__)

# Seconds between two looks: who announces something is heard by the call that comes a second later.
LOOK = 0.5
# For so long a call may still be saying what has ended, and ask for its sound at another speed.
LINGER = timedelta(hours=1)
# Seconds of silence in place of a sound that is gone: the switch is to have something to play.
UNHEARD = 0.1


@dataclass(frozen=True)
class _Posted:
    """A notice, how a call takes it, and its sounds."""

    notice: Notice
    announcement: Announcement
    sounds: Clips


@dataclass
class Noticeboard:
    """What is announced; `forms` are those in which calls may want it.

    It is said to whoever comes while its sounds are there at the normal speed. No call ends for
    what then turns out to be missing: it is said at that speed, and at worst not at all.
    """

    store: Announcements
    folder: Path
    forms: Collection[str]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _posted: tuple[_Posted, ...] = ()
    _holders: Mapping[Clip, Clips] = field(default_factory=dict)
    _seen: Sequence[tuple[int, datetime]] = ()
    _heard: Counter[int] = field(default_factory=Counter)
    _is_well: bool = True

    def at(self, place: str) -> tuple[Announcement, ...]:
        """Return what is announced at a place at this moment, the oldest first."""
        if not self._posted:
            return ()
        now = self.clock()
        return tuple(p.announcement for p in self._posted if p.announcement.is_on(place, now))

    @property
    def has_any(self) -> bool:
        """Whether anything is announced at some place at this moment."""
        now = self.clock()
        return any(p.notice.since <= now < p.notice.until for p in self._posted)

    def beside(self, clips: Loader) -> Loader:
        """Return a loader of these clips, and of what is announced where they have none."""
        return _Beside(clips, self)

    def sounds_of(self, clip: Clip) -> Clips | None:
        """Return where the sounds of an announcement's clip are; None for any other clip."""
        return self._holders.get(clip)

    def count(self, record: CallRecord) -> None:
        """Count a call that is over for each announcement it has heard."""
        heard = {each.prompt for each in record.heard}
        self._heard.update(p.notice.id for p in self._posted if p.notice.name in heard)

    async def look(self) -> None:
        """See what the database has, and tell it how many calls heard what. Raises StoreError."""
        if self._heard:
            heard = self._heard.copy()
            await self.store.count(heard)
            self._heard -= heard
        notices = await self.store.since(self.clock() - LINGER)
        seen = [(notice.id, notice.until) for notice in notices]
        if seen != self._seen:
            # Off the loop that calls run on: folders are read.
            posted = await asyncio.to_thread(self._post, notices)
            self._seen, self._posted = seen, posted
            self._holders = {clip: p.sounds for p in posted for clip in p.notice.clips}

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Look again and again while the block runs; what was counted last is written at its end.

        A look that fails changes nothing: what was seen last stays until its end.
        """
        self._is_well = await self._looked()
        try:
            async with meanwhile(self._watch(), "the noticeboard"):
                yield
        finally:
            await self._looked()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self._is_well = await self._looked()

    async def _looked(self) -> bool:
        """Look; False where that fails, which is told once until it succeeds again."""
        try:
            await self.look()
        except Exception as fault:  # a watch that ended would leave what is announced on for ever
            if self._is_well:
                trace = None if isinstance(fault, StoreError | OSError) else fault
                _log.warning("what is announced is not known anew: %s", fault, exc_info=trace)
            return False
        return True

    def _post(self, notices: Sequence[Notice]) -> tuple[_Posted, ...]:
        known = {posted.notice.id: posted for posted in self._posted}
        posted = []
        for notice in notices:
            before = known.get(notice.id)
            said = before.announcement.said if before else None
            try:
                sounds = before.sounds if before else announced.heard(self.folder / notice.folder)
            except TakesError as fault:
                _log.error("%s is not said: %s", notice.name, fault)
                continue
            if said is None:
                said = self._built(notice, sounds)
            announcement = replace(notice.announcement(), said=said)
            posted.append(_Posted(notice, announcement, sounds))
            if before is None or before.notice.until != notice.until:
                where, until = ", ".join(notice.places), notice.until.isoformat(" ", "seconds")
                _log.info("= %s is said at %s until %s", notice.name, where, until)
        return tuple(posted)

    def _built(self, notice: Notice, sounds: Clips) -> dict[str, tuple[Place, ...]]:
        """Return what can be said in each language: nothing is built on a call's way."""
        said = dict(notice.said)
        for clip in sounds.unheard(notice.clips, (NORMAL_SPEED,), self.forms):
            if said.pop(clip.language, None):
                _log.error("%s is not said in %s: no sounds", notice.name, clip.language)
        return said


@dataclass(frozen=True)
class _Beside:
    clips: Loader
    board: Noticeboard

    def load(self, clip: Clip, speed: int, form: str) -> bytes:
        """Return a clip of a prompt or of an announcement. Raises ClipMissing for a prompt's."""
        try:
            return self.clips.load(clip, speed, form)
        except ClipMissing:
            sounds = self.board.sounds_of(clip)
            if sounds is None:
                raise
        for each in (speed, NORMAL_SPEED):
            try:
                return sounds.load(clip, each, form)
            except (ClipMissing, OSError) as fault:
                _log.error("what is announced is not said as it should be: %s", fault)
        return silence(UNHEARD, form)
