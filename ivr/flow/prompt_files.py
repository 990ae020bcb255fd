"""Prompts as their author writes them: read into a catalogue, with every problem in them.

`prompts/*.yaml` maps a prompt id to its text per language. Whole sentences with typed values::

    your_balance:
      cmn: 您的话费余额是{amount:money}，有效期到{until:date}。

A value may take an argument: `{amount:money HKD}`, `{lines:count 条}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ivr.errors import Problem, nearest
from ivr.flow.fields import LANGUAGE_NAMES, Name
from ivr.flow.prompts import Catalogue, Part, Placeholder, Said
from ivr.flow.source import Mapping as YamlMapping
from ivr.flow.source import Text, Wrong, read
from ivr.lang import KINDS, check_argument

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


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
    if name.value in catalogue.written:
        message = f"'{name.value}' is already given at {catalogue.written[name.value]}"
        yield Problem(name.where, message, "twice")
        return
    catalogue.written[name.value] = name.where
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
            parts, problems = _parts(said, language.value)
            catalogue.texts[name.value][language.value] = Said(parts, said.where)
            yield from problems


def _parts(text: Text, language: str) -> tuple[tuple[Part, ...], list[Problem]]:
    parts: list[Part] = []
    problems: list[Problem] = []
    for index, piece in enumerate(_PLACEHOLDER.split(text.value.strip())):
        if index % 2:
            try:
                parts.append(_placeholder(piece, language))
            except ValueError as wrong:
                problems.append(Problem(text.where, str(wrong), "bad-value"))
        elif "{" in piece or "}" in piece:
            problems.append(Problem(text.where, "a brace here has no partner", "bad-value"))
        elif piece:
            parts.append(piece)
    return tuple(parts), problems


def _placeholder(piece: str, language: str) -> Placeholder:
    """Read what stands between braces. Raises ValueError saying what is expected there."""
    name, _, rest = piece.partition(":")
    kind, _, argument = rest.partition(" ")
    if not name.isidentifier() or kind not in KINDS:
        known = ", ".join(KINDS)
        message = f"'{{{piece}}}' is no value; write {{name:kind}} with a kind of {known}"
        raise ValueError(message + nearest(kind, KINDS))
    try:
        check_argument(kind, argument.strip(), language)
    except ValueError as wrong:
        raise ValueError(f"'{{{piece}}}': {wrong}") from None
    return Placeholder(name, kind, argument.strip())
