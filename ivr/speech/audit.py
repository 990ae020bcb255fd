"""What is wrong between the sheet and the takes: what lacks one, and what one is there for nothing.

Everything here only looks; nobody's recording is ever judged to be rubbish but a program's.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ivr.errors import Where
from ivr.flow.speech import Clip
from ivr.speech.manifest import Take
from ivr.speech.sheet import Row
from ivr.speech.takes import Takes

# A program's voice is named with what its sound depends on (`ivr.speech.voices.voice.named`).
_MADE = re.compile(r"([\w-]+)-[0-9a-f]{12}")


@dataclass(frozen=True)
class Changed:
    """A take of words that are not said any more, and the text that now has its id."""

    row: Row
    take: Take


@dataclass(frozen=True)
class Mixed:
    """A prompt in a language in which more than one voice is heard; how many clips each says."""

    prompt: str
    language: str
    where: Where
    voices: Mapping[str, int]


def without_take(rows: Iterable[Row], takes: Takes) -> list[Row]:
    """Return the rows whose words nobody has recorded."""
    return [row for row in rows if takes.find(row.clip) is None]


def changed(rows: Iterable[Row], takes: Takes) -> list[Changed]:
    """Return the rows without a take whose id a take of other words still has."""
    rows = list(rows)
    idle = {(take.clip.language, take.id): take for take in unused(rows, takes)}
    found = ((row, idle.get((row.clip.language, row.id))) for row in without_take(rows, takes))
    return [Changed(row, take) for row, take in found if take is not None]


def unsaid(rows: Iterable[Row], takes: Takes) -> list[Take]:
    """Return the takes that nothing says any more, and whose place no other text has."""
    rows = list(rows)
    replaced = {each.take for each in changed(rows, takes)}
    return [take for take in unused(rows, takes) if take not in replaced]


def is_made(take: Take) -> bool:
    """Whether a program spoke it, so that it can be made again."""
    return _MADE.fullmatch(take.voice) is not None


def mixed(rows: Iterable[Row], voice_of: Callable[[Clip], str | None]) -> list[Mixed]:
    """Return the prompts that more than one voice says, the words of their values among them.

    `voice_of` tells who is heard, None where nobody is.
    """
    heard: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    written: dict[tuple[str, str], Where] = {}
    for row in rows:
        voice = voice_of(row.clip)
        for prompt, where in {use.prompt: use.where for use in row.uses}.items():
            written[prompt, row.clip.language] = where
            if voice is not None:
                heard[prompt, row.clip.language][_who(voice)] += 1
    return [
        Mixed(prompt, language, written[prompt, language], dict(voices.most_common()))
        for (prompt, language), voices in heard.items()
        if len(voices) > 1
    ]


def unused(rows: Iterable[Row], takes: Takes) -> list[Take]:
    """Return the takes of words that nothing says."""
    said = {row.clip for row in rows}
    return [take for take in takes if take.clip not in said]


def _who(voice: str) -> str:
    """Return a voice without what tells it from an older self: they sound like one person."""
    made = _MADE.fullmatch(voice)
    return made[1] if made else voice
