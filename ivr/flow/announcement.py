"""An announcement: what everybody who comes to a place is told just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.flow.fields import Prompt
from ivr.flow.speech import Place


@dataclass(frozen=True)
class Announcement(Prompt):
    """A prompt that brings its own words: said at `places` from `since`, and at `until` no more.

    `said` is what is said in each language. No prompt of `prompts/*.yaml` has its name.
    """

    places: frozenset[str]
    said: Mapping[str, tuple[Place, ...]]
    since: datetime
    until: datetime

    def is_on(self, place: str, now: datetime) -> bool:
        """Whether it is said at a place at this moment."""
        return place in self.places and self.since <= now < self.until

    def language(self, hers: str, languages: Sequence[str]) -> str | None:
        """Return the language it is said in to a caller who speaks `hers`.

        Without words in it that is the first of `languages` that has some: what is worth
        announcing is worth hearing in another language. None where none of them has any.
        """
        return next((language for language in (hers, *languages) if language in self.said), None)
