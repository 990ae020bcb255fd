"""The sheet: every clip a project says, with its id, its sentence, and where it is said.

A recording studio reads from it, and gives each recording the name that stands there. So an id
tells people where they are and stays what it is while other prompts change: `your_balance.2` is
the second clause of that prompt, `value.0a1b2c3d4e` words of a value, whichever says them. In
files and on paper the language stands before it: `cmn.your_balance.2`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.errors import IvrError, Where
from ivr.flow.call import text_of
from ivr.flow.duration import seconds
from ivr.flow.fields import Prompt, PromptName
from ivr.flow.project import Project
from ivr.flow.prompts import Placeholder, Said
from ivr.flow.rules.mentions import mentions
from ivr.flow.speech import Clip, Pause, Place
from ivr.lang import LANGUAGES, Value, parse, vocabulary

# A value of each kind, said in the sentences of the sheet.
SAMPLES: Mapping[str, str] = {
    "number": "1234.5",
    "ordinal": "12",
    "count": "12",
    "money": "1234.56",
    "percent": "12.5",
    "data": "1.5GB",
    "digits": "1234",
    "phone": "13800138000",
    "tail": "8000",
    "plan": "5G-A128",
    "date": "2026-12-31",
    "weekday": "2026-12-31",
    "period": "2026-11-01/2026-11-30",
    "time": "15:05",
    "duration": "1h30m",
}


@dataclass(frozen=True, order=True)
class Use:
    """A prompt that says a clip: where its text is written, and the nodes that say it.

    `kind` is the kind of the value whose words the clip is, with its argument; "" where the
    prompt itself has the words.
    """

    prompt: str
    where: Where
    nodes: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """A clip of the sheet.

    `context` is the sentence it is first said in, with the clip between 【 and 】. `uses` may be
    empty: words of values that are ready for prompts to come. `kinds` are those of the values
    whose words it is; none for the words of a prompt.
    """

    id: str
    clip: Clip
    context: str
    uses: tuple[Use, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The id with its language, as files are named."""
        return f"{self.clip.language}.{self.id}"

    @property
    def estimate(self) -> float:
        """About how many seconds it takes to say."""
        return seconds(self.clip)


def sheet(project: Project) -> tuple[Row, ...]:
    """Return a row for each clip the project may say, its ids unique within a language.

    By language: the clauses of prompts in the order they are written, then the words of values,
    first of the kinds that prompts say. Raises IvrError for a prompt that says one value as two
    kinds that no value is both of.
    """
    nodes = _nodes(project)
    rows: list[Row] = []
    for language in project.languages:
        examples = tuple(_examples(project, language, nodes))
        clauses = tuple(_clauses(examples))
        said = {row.clip for row in clauses}
        rows += clauses
        rows += (row for row in _phrases(examples, language) if row.clip not in said)
    return tuple(rows)


@dataclass(frozen=True)
class _Example:
    """A prompt in one language, said with samples of its values."""

    use: Use
    said: Said
    places: tuple[Place, ...]


def _examples(
    project: Project, language: str, nodes: Mapping[str, tuple[str, ...]]
) -> Iterator[_Example]:
    for prompt, texts in project.catalogue.texts.items():
        if language in texts:
            said = texts[language]
            places = project.catalogue.places(prompt, language, _samples(prompt, said))
            yield _Example(Use(prompt, said.where, nodes.get(prompt, ())), said, places)


def _samples(prompt: str, said: Said) -> dict[str, Value]:
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for placeholder in said.placeholders:
        kinds[placeholder.name].append(placeholder.kind)
    values: dict[str, Value] = {}
    for name, wanted in kinds.items():
        known = (SAMPLES[wanted[0]], *SAMPLES.values())
        fitting = next((text for text in known if all(_fits(kind, text) for kind in wanted)), None)
        if fitting is None:
            both = " and as ".join(wanted)
            raise IvrError(f"{said.where}: '{prompt}' says {{{name}}} as {both}; no value is both")
        values[name] = fitting
    return values


def _fits(kind: str, text: str) -> bool:
    try:
        parse(kind, text)
    except ValueError:
        return False
    return True


def _nodes(project: Project) -> dict[str, tuple[str, ...]]:
    """Return the nodes, `flow/node`, that name each prompt."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for flow, node, _, _, word in mentions(project):
        if isinstance(word, Prompt | PromptName):
            name = word.name if isinstance(word, Prompt) else word
            found[name][f"{flow.name}/{node}"] = None
    return {prompt: tuple(nodes) for prompt, nodes in found.items()}


def _clauses(examples: Iterable[_Example]) -> Iterator[Row]:
    """Yield the clips that prompts have the words of, each with the id of its first place."""
    rows: dict[Clip, Row] = {}
    for example in examples:
        words = [at for at, place in enumerate(example.places) if not place.value]
        clips = [at for at in words if isinstance(example.places[at].item, Clip)]
        for number, at in enumerate(clips, start=1):
            clip = _clip(example.places[at])
            if clip not in rows:
                context = _sentence(example.places, at, f"【{clip.text}】")
                rows[clip] = Row(f"{example.use.prompt}.{number}", clip, context)
            if example.use not in rows[clip].uses:
                rows[clip] = replace(rows[clip], uses=(*rows[clip].uses, example.use))
    yield from rows.values()


def _phrases(examples: Sequence[_Example], language: str) -> Iterator[Row]:
    """Yield the words of every value: of the kinds that prompts say, then of all others."""
    said: defaultdict[tuple[str, str], list[tuple[_Example, int]]] = defaultdict(list)
    for example in examples:
        for part, value in enumerate(example.said.parts):
            if isinstance(value, Placeholder):
                said[value.kind, value.argument].append((example, part))
    spoken = LANGUAGES[language]
    shipped = [(kind, arg) for kind in spoken.sayings for arg in spoken.shipped.get(kind, ("",))]
    kinds: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind in dict.fromkeys((*said, *shipped)):
        for phrase in sorted(vocabulary(language, *kind)):
            kinds[phrase].append(kind)
    for phrase, its in kinds.items():
        places = [(kind, *place) for kind in its for place in said.get(kind, ())]
        uses = (replace(each.use, kind=" ".join(kind).strip()) for kind, each, _ in places)
        context = f"…【{phrase}】…"
        if places:
            _, first, part = places[0]
            at = next(at for at, place in enumerate(first.places) if place.part == part)
            context = _sentence(first.places, at, context)
        yield Row(
            f"value.{hashlib.sha256(phrase.encode()).hexdigest()[:10]}",
            Clip(phrase, language),
            context,
            tuple(dict.fromkeys(uses)),
            tuple(dict.fromkeys(kind for kind, _ in its)),
        )


def _sentence(places: Sequence[Place], at: int, words: str) -> str:
    """Return the sentence of a place in one line, with these words for the clip or the value."""
    here = places[at]
    items: list[Clip | Pause] = []
    for index, place in enumerate(places):
        if index == at:
            items.append(replace(_clip(place), text=words))
        elif place.sentence == here.sentence and not (here.value and place.part == here.part):
            items.append(place.item)
    return text_of(tuple(items))


def _clip(place: Place) -> Clip:
    assert isinstance(place.item, Clip)  # values begin with one, and clauses are one
    return place.item
