"""A call taken over: led from its beginning to where it was by what is kept of it, all at once.

    taken = resume(texts, project)
    taken.journal.session.asked        # what was being done when it was left

Nothing is performed meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.flow import journal_entries
from ivr.flow.journal import Journal
from ivr.flow.journal_entries import Diverged, JournalEntry
from ivr.flow.opening import Opening
from ivr.flow.packing import Unreadable
from ivr.flow.project import Project
from ivr.flow.secret import UNTOLD
from ivr.flow.session import Session


@dataclass(frozen=True)
class Taken:
    """A call that was taken over.

    `unread` is how many of the keys that she pressed last are to be read from her channel again.
    `lost` tells why not all that was kept could be used, "" where it could.
    """

    journal: Journal
    unread: int = 0
    lost: str = ""


@dataclass(frozen=True)
class _Led:
    """A call led as far as its entries fit; `moments` are those of the opening and of each."""

    session: Session
    moments: Sequence[datetime]
    lost: str


def resume(texts: Sequence[str], project: Project) -> Taken:
    """Take a call over that other texts than these hold nothing of.

    It fits for sure only the version it began with. In another one it is led as far as it fits,
    and where that is nowhere it has yet to begin, spoken to as she chose. Raises Unreadable for
    what is no journal, and KeyError where the project has no such flow.
    """
    opening, chosen = Opening.read(texts[0] if texts else "")
    opening = replace(opening, version=project.version)
    led, lost = _led(opening, project, texts[1:]), ""
    if led.lost:
        lost, fit = led.lost, len(led.moments)
        if fit <= 2:
            # It has no more than begun.
            opening, fit = replace(opening, remembered=chosen), 1
        # Whatever the entry has done to the call before it turned out not to fit is undone.
        led = _again(led, opening, project, texts[1:fit])
    whole = len(led.moments)
    while (cut := _cut(led, texts)) < len(led.moments):
        led = _again(led, opening, project, texts[1:cut])
    kept, secret = len(led.moments), led.session.talk.needs
    journal = Journal(opening, led.session, texts[1:kept], led.moments[-1])
    journal.forget(range(kept, len(texts)))
    if secret:
        journal.ask_again(secret, journal.last)
    elif texts[kept - 1].endswith(f":{journal_entries.FULL}") or (
        lost and kept > 1 and journal.session.chosen != chosen
    ):
        journal.start_over(chosen, journal.last)
    unread = sum(JournalEntry.read(text).keys for text in texts[kept:whole])
    return Taken(journal, unread, lost)


def _again(led: _Led, opening: Opening, project: Project, texts: Sequence[str]) -> _Led:
    led.session.hang_up(led.moments[-1])
    return _led(opening, project, texts)


def _led(opening: Opening, project: Project, texts: Sequence[str]) -> _Led:
    session, moments, lost = opening.session(project), [opening.started], ""
    for number, text in enumerate(texts, 1):
        try:
            entry = JournalEntry.read(text)
            moment = moments[-1] + entry.after
            if entry.what != journal_entries.FULL:
                entry.enact(session, moments[-1])
        except (Diverged, Unreadable) as fault:
            lost = f"entry {number} of {len(texts)} does not fit: {fault}"
        except Exception as fault:  # in this version the flow itself has a fault here
            lost = f"entry {number} of {len(texts)} fails: {type(fault).__name__}: {fault}"
        if lost:
            break
        moments.append(moment)
    session.asides()
    return _Led(session, moments, lost)


def _cut(led: _Led, texts: Sequence[str]) -> int:
    """Return how many texts to go by so that no secret is missing.

    One that is being typed is as if none of its keys had come; and one that a back end is being
    asked with, if all that was done since may be done again.
    """
    talk, end = led.session.talk, len(led.moments)
    since = [key.at for key in (*talk.keys, *talk.typing) if key.key in UNTOLD]
    if talk.needs:
        began = _first(led, talk.needs.since)
        if all(JournalEntry.read(text).is_harmless for text in texts[began:end]):
            since.append(talk.needs.since)
    return min((_first(led, moment) for moment in since), default=end)


def _first(led: _Led, moment: datetime) -> int:
    return next(number for number, at in enumerate(led.moments) if at >= moment)
