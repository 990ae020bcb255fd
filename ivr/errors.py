"""Problems with a place, and how they are shown.

Everything that can be wrong in a file an author wrote is a `Problem`: where it is, what is
wrong in the author's words, and the name of the rule. Problems are collected, never raised
one by one, so that all mistakes are shown in one run::

    flows/hotline.yaml:31:12: there is no node 'blance'; did you mean 'balance'? [no-such-node]
       |
    31 |     found: blance
       |            ^

Exceptions of this house:

    IvrError            anything this package raises on purpose
    └── FlowError       the files are wrong; carries every Problem found
"""

from __future__ import annotations

import difflib
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


class IvrError(Exception):
    """Anything this package raises on purpose; its text is fit for a person to read."""


@dataclass(frozen=True, order=True)
class Where:
    """A place in a file: 1-based line and column, counted in characters."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: its place, what is wrong and the nearest right thing, the rule's name."""

    where: Where
    message: str
    rule: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} [{self.rule}]"


class FlowError(IvrError):
    """The files are wrong. `problems` holds every mistake, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


# Names that a word is compared with: a comparison takes about 5 µs.
_MOST_COMPARED = 200


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the known word most like `word`, or an empty string.

    Of very many only those are looked at that stand beside it in the alphabet.
    """
    names = sorted(known)
    if len(names) > _MOST_COMPARED:
        at = max(0, bisect(names, word) - _MOST_COMPARED // 2)
        names = names[at : at + _MOST_COMPARED]
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def width(text: str) -> int:
    """Return how many terminal columns `text` takes; Chinese characters take two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def render(problems: Iterable[Problem], sources: Mapping[str, str]) -> str:
    """Return the problems sorted, each with its source line and a caret under the place.

    `sources` maps the file names used in the problems to their text; a problem whose file is
    not among them is shown without its line.
    """
    return "\n".join(_with_caret(problem, sources) for problem in sorted(set(problems)))


def workflow_commands(problems: Iterable[Problem]) -> str:
    """Return the problems sorted, each a workflow command by which GitHub marks its line."""
    return "\n".join(
        f"::error file={_escaped(p.where.file, ':,')},line={p.where.line},col={p.where.column},"
        f"title={_escaped(p.rule, ':,')}::{_escaped(p.message)}"
        for p in sorted(set(problems))
    )


def _escaped(text: str, more: str = "") -> str:
    # As actions/toolkit escapes workflow commands: what would end them or one of their parts.
    return "".join(f"%{ord(char):02X}" if char in f"%\r\n{more}" else char for char in text)


# Columns of a line that are shown; a longer one is shown around the place.
_MOST_SHOWN = 160


def _with_caret(problem: Problem, sources: Mapping[str, str]) -> str:
    lines = sources.get(problem.where.file, "").splitlines()
    if not 0 < problem.where.line <= len(lines):
        return str(problem)
    line = lines[problem.where.line - 1].replace("\t", " ")
    column = problem.where.column - 1
    if len(line) > _MOST_SHOWN:
        begin = max(0, column - _MOST_SHOWN // 2)
        line, column = f"…{line[begin : begin + _MOST_SHOWN]}…", column - begin + 1
    number = str(problem.where.line)
    gutter = " " * len(number)
    caret = " " * width(line[:column]) + "^"
    return f"{problem}\n{gutter} |\n{number} | {line}\n{gutter} | {caret}"
