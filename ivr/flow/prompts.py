"""The catalogue: what each prompt says in each language.

`prompts/*.yaml` maps a prompt id to its text per language. Whole sentences with typed values::

    your_balance:
      cmn: 您的话费余额是{amount:money}，有效期到{until:date}。

A text is cut into clips at its punctuation and around its values; every cut is a place where a
caller may change the speed and go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.errors import Problem, Where, nearest
from ivr.flow.fields import LANGUAGE_NAMES, Name
from ivr.flow.source import Mapping as YamlMapping
from ivr.flow.source import Text, Wrong, read
from ivr.flow.speech import Clip, Pause, Utterance
from ivr.lang import BREATH, KINDS, LANGUAGES, Value, parse, say

# Seconds of silence after a mark, at 100%. Between clauses a speaker rests about a quarter of a
# second, between sentences about half.
PAUSES = {"，": 0.25, ",": 0.25, "、": 0.15, "；": 0.35, ";": 0.35, "：": 0.25, ":": 0.25}
PAUSES |= {"。": 0.5, ".": 0.5, "！": 0.5, "!": 0.5, "？": 0.5, "?": 0.5}
_BREATH = 0.2

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# Chinese marks end a clause anywhere; Western ones only before a space or the end ("1.5").
_MARKS = re.compile(r"[，、；：。！？]+|[,;:.!?]+(?=\s|$)|$")


@dataclass(frozen=True)
class Placeholder:
    """`{amount:money}`: a value by name, and the kind it is spoken as."""

    name: str
    kind: str


Part = str | Placeholder


@dataclass(frozen=True)
class Said:
    """One text of one prompt in one language."""

    parts: tuple[Part, ...]
    where: Where

    @property
    def placeholders(self) -> dict[str, str]:
        """The names of the values the text asks for, with their kinds."""
        return {part.name: part.kind for part in self.parts if isinstance(part, Placeholder)}


@dataclass
class Catalogue:
    """All prompts by id and language, and where each was written."""

    texts: dict[str, dict[str, Said]] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)

    def utterance(
        self, prompt: str, language: str, values: Mapping[str, Value] | None = None
    ) -> Utterance:
        """Return what is said for a prompt: clips and pauses.

        Raises KeyError where the prompt has no text in the language or a value is missing, and
        ValueError where a value is out of what the language can say; `check` proves both away
        for the files, a look-up's declared types for what back ends answer.
        """
        items: list[Clip | Pause] = []
        for part in self.texts[prompt][language].parts:
            if isinstance(part, Placeholder):
                items += _spoken(part.kind, (values or {})[part.name], language)
            else:
                items += _clauses(part, language)
        return tuple(items)

    def clips(self) -> Iterator[Clip]:
        """Every fixed clip of every prompt: what is built ahead, beside the values' words."""
        for languages in self.texts.values():
            for language, said in languages.items():
                for part in said.parts:
                    if isinstance(part, str):
                        clauses = _clauses(part, language)
                        yield from (item for item in clauses if isinstance(item, Clip))


def vocabulary(languages: Iterable[str]) -> Iterator[Clip]:
    """Every clip that any value can be spoken with in these languages."""
    for language in languages:
        for text in sorted(LANGUAGES[language].vocabulary() - {BREATH}):
            yield Clip(text, language)


def load(files: Mapping[str, str]) -> tuple[Catalogue, list[Problem]]:
    """Read the prompt files (name → text); return the catalogue and every problem."""
    catalogue, problems = Catalogue(), []
    for file, text in files.items():
        tree, found = read(file, text)
        problems += found
        if isinstance(tree, YamlMapping):
            for name, entry in tree.entries.values():
                problems += _take(catalogue, name, entry)
        elif tree is not None:
            problems.append(
                Problem(tree.where, "prompt ids with texts are expected", "wrong-shape")
            )
    return catalogue, problems


def _take(catalogue: Catalogue, name: Text, entry: object) -> Iterator[Problem]:
    try:
        Name.check(name.value)
    except Wrong as wrong:
        yield Problem(name.where, str(wrong), wrong.rule)
    if name.value in catalogue.places:
        message = f"'{name.value}' is already given at {catalogue.places[name.value]}"
        yield Problem(name.where, message, "twice")
        return
    catalogue.places[name.value] = name.where
    catalogue.texts[name.value] = {}
    if not isinstance(entry, YamlMapping):
        yield Problem(name.where, f"'{name.value}' needs one text per language", "wrong-shape")
        return
    for language, said in entry.entries.values():
        if language.value not in LANGUAGE_NAMES:
            message = (
                f"there is no language '{language.value}'{nearest(language.value, LANGUAGE_NAMES)}"
            )
            yield Problem(language.where, message, "no-such-language")
        elif not isinstance(said, Text) or not re.search(r"\w", said.value):
            yield Problem(said.where, "a text with words is expected here", "wrong-shape")
        else:
            parts, problems = _parts(said)
            catalogue.texts[name.value][language.value] = Said(parts, said.where)
            yield from problems


def _parts(text: Text) -> tuple[tuple[Part, ...], list[Problem]]:
    parts: list[Part] = []
    problems: list[Problem] = []
    for index, piece in enumerate(_PLACEHOLDER.split(text.value.strip())):
        if index % 2:
            name, _, kind = piece.partition(":")
            if not name.isidentifier() or kind not in KINDS:
                known = ", ".join(KINDS)
                message = f"'{{{piece}}}' is no value; write {{name:kind}} with a kind of {known}"
                problems.append(Problem(text.where, message + nearest(kind, KINDS), "bad-value"))
            else:
                parts.append(Placeholder(name, kind))
        elif "{" in piece or "}" in piece:
            problems.append(Problem(text.where, "a brace here has no partner", "bad-value"))
        elif piece:
            parts.append(piece)
    return tuple(parts), problems


def _clauses(text: str, language: str) -> Iterator[Clip | Pause]:
    begin = 0
    for mark in _MARKS.finditer(text):
        words = text[begin : mark.end()].strip()
        begin = mark.end()
        if words.strip("".join(PAUSES)):
            yield Clip(words, language)
        if mark[0]:
            # A mark right behind a value belongs to no clip, but to the text as it is read.
            yield Pause(PAUSES[mark[0][-1]], "" if words.strip("".join(PAUSES)) else mark[0])


def _spoken(kind: str, value: Value, language: str) -> Iterator[Clip | Pause]:
    typed = parse(kind, value) if isinstance(value, str) else value
    for phrase in say(kind, typed, language):
        if phrase == BREATH:
            yield Pause(_BREATH, "," if language == "en" else " ")
        else:
            yield Clip(phrase, language)
