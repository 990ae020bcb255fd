"""What she hears that no node of her flow says: while the switch has her, and as it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from ivr.flow.announcement import Announcement
from ivr.flow.effects import Play
from ivr.flow.speech import Utterance, text_of
from ivr.flow.talk import Talk

# What she hears as somebody answers her; the agent's number is its value.
SERVES_YOU = "serves_you"


def overheard(
    talk: Talk, announced: Callable[[str], Iterable[Announcement]], now: datetime
) -> tuple[Play | None, tuple[Announcement, ...]]:
    """Return what she shall hear of what is announced, each once in a call, in one go.

    It is written down as heard. Also returns which announcements those are.
    """
    told: list[Announcement] = []
    said = dict[str, Utterance]()
    for place in talk.places:
        for one in announced(place):
            language = one.language(talk.language, talk.languages)
            if language and one.name not in talk.told:
                talk.told.add(one.name)
                told.append(one)
                said[one.name] = tuple(place.item for place in one.said[language])
                talk.logbook.heard(
                    text_of(said[one.name]),
                    prompt=one.name,
                    language=language,
                    began=now,
                    ended=now,
                )
    play = Play(sum(said.values(), ()), talk.speed) if said else None
    return play, tuple(told)


def who_serves(talk: Talk, agent: str, now: datetime) -> Play | None:
    """Return what she shall hear as an agent answers her, by the agent's number, if anything.

    It is written down as heard; nothing is said in a project that has no words for it.
    """
    catalogue = talk.project.catalogue
    if talk.language not in catalogue.texts.get(SERVES_YOU, {}):
        return None
    said = catalogue.utterance(SERVES_YOU, talk.language, {"agent": agent})
    talk.logbook.heard(text_of(said), prompt=SERVES_YOU, began=now, ended=now)
    return Play(said, talk.speed, prompt=SERVES_YOU)
