"""The manifest of takes: `<language>.jsonl`, one JSON object a line, sorted by id.

    {"id": "your_balance.1", "text": "您的话费余额是", "text_sha256": "…", "file":
     "cmn/your_balance.1.opus", "sha256": "…", "voice": "…", "licence": "…", "lufs": -20.3,
     "peak": -4.1, "seconds": 1.43}

Written by programs, kept in version control, merged by people: what cannot be read is told with
its line, and the rest is used.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.errors import Problem, Where, nearest
from ivr.flow.speech import Clip

# An id names a file, on every file system: letters of any language, no folder, no hidden file.
ID = r"^\w[\w.-]*$"
LONGEST_ID = 200  # bytes

_TEXT_DIGITS = 16


class Line(BaseModel):
    """One line: a recording of one clip. `lufs` and `peak` (dBFS) are those of its master."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    id: Annotated[str, Field(pattern=ID)]
    text: Annotated[str, Field(min_length=1)]
    text_sha256: Annotated[str, Field(pattern=rf"^[0-9a-f]{{{_TEXT_DIGITS}}}$")]
    file: Annotated[str, Field(min_length=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    voice: Annotated[str, Field(min_length=1)]
    licence: Annotated[str, Field(min_length=1)]
    lufs: float
    peak: float
    seconds: Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class Take:
    """A recording of a clip. `file` is its master below the folder of takes."""

    id: str
    clip: Clip
    file: str
    sha256: str
    voice: str
    licence: str
    lufs: float
    peak: float
    seconds: float
    where: Where = field(compare=False)


def text_sha256(text: str) -> str:
    """Return the digits that tell that a text is still the one that was recorded."""
    return hashlib.sha256(text.encode()).hexdigest()[:_TEXT_DIGITS]


def read(file: str, language: str, content: bytes) -> tuple[list[Take], list[Problem]]:
    """Return the takes of one manifest that can be used, and what is wrong with the others."""
    takes: list[Take] = []
    problems: list[Problem] = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            found, wrong = _line(Where(file, number), language, line)
            takes += found
            problems += wrong
    return _once(takes, problems), problems


def written(takes: Iterable[Take]) -> bytes:
    """Return a manifest of the takes of one language."""
    lines = []
    for take in sorted(takes, key=lambda take: take.id):
        line = Line(
            id=take.id,
            text=take.clip.text,
            text_sha256=text_sha256(take.clip.text),
            **{name: getattr(take, name) for name in _SAME},
        )
        lines.append(json.dumps(line.model_dump(), ensure_ascii=False) + "\n")
    return "".join(lines).encode()


_SAME = ("file", "sha256", "voice", "licence", "lufs", "peak", "seconds")


def _line(where: Where, language: str, content: bytes) -> tuple[list[Take], list[Problem]]:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return [], [Problem(where, "this line is not UTF-8", "take-syntax")]
    try:
        given = json.loads(text)
    except json.JSONDecodeError as fault:
        place = Where(where.file, where.line, fault.colno)
        return [], [Problem(place, f"not a line of JSON: {fault.msg}", "take-syntax")]
    except (ValueError, RecursionError):
        return [], [Problem(where, "not a line of JSON", "take-syntax")]
    if not isinstance(given, dict):
        return [], [Problem(where, 'a take is {"id": …, "text": …, …}', "take-syntax")]
    try:
        line = Line.model_validate(given)
    except ValidationError as fault:
        return [], [_field_problem(where, text, error) for error in fault.errors()]
    if problem := _untrue(where, text, language, line):
        return [], [problem]
    same = {name: getattr(line, name) for name in _SAME}
    return [Take(line.id, Clip(line.text, language), where=where, **same)], []


def _field_problem(where: Where, text: str, error: Any) -> Problem:
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        message = f"a take has no '{name}'{nearest(name, Line.model_fields)}"
    elif error["type"] == "missing":
        message = f"a take needs '{name}'"
    else:
        message = f"'{name}': {error['msg'][:1].lower()}{error['msg'][1:]}"
    return Problem(_at(where, text, name), message, "take-field")


def _untrue(where: Where, text: str, language: str, line: Line) -> Problem | None:
    # A take that is replaced takes its file with it: none may name what is not a take.
    folder, _, name = line.file.partition("/")
    stem = name.removesuffix(".opus")
    is_named = re.match(ID, stem) and len(stem.encode(errors="replace")) <= LONGEST_ID
    if folder != language or stem == name or not is_named:
        message = f"'file' is a master such as {language}/your_balance.1.opus, not '{line.file}'"
        return Problem(_at(where, text, "file"), message, "take-field")
    if line.text_sha256 != (expected := text_sha256(line.text)):
        message = (
            f"'text_sha256' is not that of the text ({expected}): one of them was changed by "
            "hand, and nobody knows which words were recorded"
        )
        return Problem(_at(where, text, "text_sha256"), message, "take-text")
    return None


def _at(where: Where, text: str, name: str) -> Where:
    return Where(where.file, where.line, text.find(f'"{name}"') + 1 or 1)


def _once(takes: Iterable[Take], problems: list[Problem]) -> list[Take]:
    """Return the takes whose id, text and file none before them has, and tell of the others."""
    first: dict[tuple[str, str], Take] = {}
    kept: list[Take] = []
    for take in takes:
        marks = [("id", take.id), ("text", take.clip.text), ("file", take.file)]
        taken = [(mark, first[mark]) for mark in marks if mark in first]
        if taken:
            (name, value), other = taken[0]
            message = (
                f"two takes with the {name} '{value}': the other is in line {other.where.line}, "
                "and is used; remove one of the two lines"
            )
            problems.append(Problem(take.where, message, "take-twice"))
        else:
            first |= dict.fromkeys(marks, take)
            kept.append(take)
    return kept
