"""The catalogue: what each prompt says in each language.

A text is cut into clips at its punctuation and around its values; every cut is a place where a
caller may change the speed or the language and go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ivr.errors import Where
from ivr.flow.speech import Clip, Pause, Place, Utterance
from ivr.lang import BREATH, LANGUAGES, Value, parse, say
from ivr.lang import vocabulary as words_of

# Seconds of silence after a mark, at 100%. Between clauses a speaker rests about a quarter of a
# second, between sentences about half.
PAUSES = {"，": 0.25, ",": 0.25, "、": 0.15, "；": 0.35, ";": 0.35, "：": 0.25, ":": 0.25}
PAUSES |= {"。": 0.5, ".": 0.5, "！": 0.5, "!": 0.5, "？": 0.5, "?": 0.5}
_BREATH = 0.2
# Marks that end a sentence; what stands between two of them is a clause of it.
_STOPS = frozenset("。.！!？?")

# Chinese marks end a clause anywhere; Western ones only before a space or the end ("1.5").
_MARKS = re.compile(r"[，、；：。！？]+|[,;:.!?]+(?=\s|$)|$")


@dataclass(frozen=True)
class Placeholder:
    """`{lines:count 条}`: a value by name, the kind it is spoken as, and what the kind is told."""

    name: str
    kind: str
    argument: str = ""


Part = str | Placeholder


@dataclass(frozen=True)
class Said:
    """One text of one prompt in one language."""

    parts: tuple[Part, ...]
    where: Where

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """The values the text asks for, in the order they are spoken."""
        return tuple(part for part in self.parts if isinstance(part, Placeholder))

    @property
    def names(self) -> frozenset[str]:
        """The names of the values the text asks for."""
        return frozenset(placeholder.name for placeholder in self.placeholders)


@dataclass
class Catalogue:
    """All prompts by id and language, and where each was written."""

    texts: dict[str, dict[str, Said]] = field(default_factory=dict)
    written: dict[str, Where] = field(default_factory=dict)

    def utterance(
        self,
        prompt: str,
        language: str,
        values: Mapping[str, Value] | None = None,
        careful: bool = False,
    ) -> Utterance:
        """Return what is said for a prompt: clips and pauses; raises what `places` raises."""
        return tuple(place.item for place in self.places(prompt, language, values, careful))

    def places(
        self,
        prompt: str,
        language: str,
        values: Mapping[str, Value] | None = None,
        careful: bool = False,
    ) -> tuple[Place, ...]:
        """Return the items of a prompt's utterance, each with where it stands in the prompt.

        `careful` is the form for one who did not understand: amounts digit by digit.

        Raises KeyError where the prompt has no text in the language or a value is missing, and
        ValueError where a value is out of what the language can say; `check` proves both away
        for the files, a look-up's declared types for what back ends answer.
        """
        parts = self.texts[prompt][language].parts
        if not values:
            return _fixed(parts, language)
        return tuple(_places(parts, language, values, careful))

    def clips(self) -> Iterator[Clip]:
        """Every clip that is built ahead for these prompts, beside `vocabulary`.

        Their fixed words, and the words of values whose kind is told something of its own.
        """
        for languages in self.texts.values():
            for language, said in languages.items():
                for part in said.parts:
                    if isinstance(part, str):
                        cut = clauses(part, language)
                        yield from (item for item in cut if isinstance(item, Clip))
                    elif part.argument:
                        phrases = words_of(language, part.kind, part.argument)
                        yield from (Clip(phrase, language) for phrase in sorted(phrases))


def vocabulary(languages: Iterable[str]) -> Iterator[Clip]:
    """Every clip that any value can be spoken with in these languages."""
    for language in languages:
        for text in sorted(LANGUAGES[language].vocabulary() - {BREATH}):
            yield Clip(text, language)


@lru_cache(4096)
def _fixed(parts: tuple[Part, ...], language: str) -> tuple[Place, ...]:
    return tuple(_places(parts, language, {}, careful=False))


def _places(
    parts: tuple[Part, ...], language: str, values: Mapping[str, Value], careful: bool
) -> Iterator[Place]:
    sentence = 0
    for index, part in enumerate(parts):
        if isinstance(part, Placeholder):
            for item in _spoken(part, values[part.name], language, careful):
                yield Place(item, sentence, index, part.name)
        else:
            for item, ends_sentence in _clauses(part, language):
                yield Place(item, sentence, index)
                sentence += ends_sentence


def plain(text: str, language: str) -> tuple[Place, ...]:
    """Return the items of a text that has no values, each with where it stands in the text."""
    places: list[Place] = []
    sentence = 0
    for item, ends_sentence in _clauses(text.strip(), language):
        places.append(Place(item, sentence, 0))
        sentence += ends_sentence
    return tuple(places)


def clauses(text: str, language: str) -> Iterator[Clip | Pause]:
    """Cut words into clips and the pauses between them."""
    return (item for item, _ in _clauses(text, language))


# Of all that the prompts of a project say; cutting it again took a third of a simulated call.
@lru_cache(maxsize=8192)
def _clauses(text: str, language: str) -> tuple[tuple[Clip | Pause, bool], ...]:
    """Cut words into clips and pauses; each tells whether a sentence ends with it."""
    begin = 0
    cut: list[tuple[Clip | Pause, bool]] = []
    for mark in _MARKS.finditer(text):
        words = text[begin : mark.end()].strip()
        begin = mark.end()
        if has_words := bool(words.strip("".join(PAUSES))):
            cut.append((Clip(words, language), False))
        if mark[0]:
            # A mark right behind a value belongs to no clip, but to the text as it is read.
            last = mark[0][-1]
            cut.append((Pause(PAUSES[last], "" if has_words else mark[0]), last in _STOPS))
    return tuple(cut)


def _spoken(
    placeholder: Placeholder, value: Value, language: str, careful: bool
) -> Iterator[Clip | Pause]:
    typed = parse(placeholder.kind, value) if isinstance(value, str) else value
    for phrase in say(placeholder.kind, typed, language, placeholder.argument, careful):
        if phrase == BREATH:
            yield Pause(_BREATH, "," if language == "en" else " ")
        else:
            yield Clip(phrase, language)
