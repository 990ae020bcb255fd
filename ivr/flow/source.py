"""YAML as its author sees it: text with places.

Every scalar stays text (`18:30`, `0755`, `on`, `no` mean what they look like); the type of the
field reads it later. Every key and value knows its line and column. Nothing here raises for
what a file contains: mistakes are returned as problems, all of them.

    tree, problems = read("flows/hotline.yaml", text)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from ivr.errors import Problem, Where

# The largest flow we know of (a carrier's whole hotline) is under 200 kB.
LONGEST_FILE = 1_000_000
DEEPEST = 32

# What YAML 1.1 calls unprintable, and refuses without a line.
_UNPRINTABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

Path = tuple[str | int, ...]


class Wrong(ValueError):
    """A value that does not fit its field: what is wrong, in the author's words, and the rule."""

    def __init__(self, message: str, rule: str = "wrong-value") -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(frozen=True)
class Text:
    """A scalar: its text, whether it was quoted, and its place."""

    value: str
    where: Where
    quoted: bool = False


@dataclass(frozen=True)
class Listing:
    """A YAML sequence."""

    items: tuple[Tree, ...]
    where: Where


@dataclass(frozen=True)
class Mapping:
    """A YAML mapping. Of a key that stands twice the first is kept."""

    entries: dict[str, tuple[Text, Tree]]
    where: Where

    def get(self, key: str) -> Tree | None:
        """Return the value under `key`, or None."""
        entry = self.entries.get(key)
        return entry[1] if entry else None


Tree = Text | Listing | Mapping


def read(file: str, text: str) -> tuple[Tree | None, list[Problem]]:
    """Read one YAML document; return its tree (None if it cannot be read) and the problems."""
    if len(text) > LONGEST_FILE:
        limit = f"the file has {len(text):,} characters; at most {LONGEST_FILE:,} are read"
        return None, [Problem(Where(file), limit, "too-large")]
    if found := _UNPRINTABLE.search(text):
        where = Where(file, text.count("\n", 0, found.start()) + 1, _column(text, found.start()))
        message = f"there is a character here that no text has (U+{ord(found[0]):04X})"
        return None, [Problem(where, message, "yaml")]
    problems = list(_lost_hashes(file, text))
    builder = _Builder(file, problems)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as fault:
        return None, [*problems, _yaml_problem(file, text, fault)]
    except yaml.YAMLError as fault:
        return None, [*problems, Problem(Where(file), f"not YAML: {fault}", "yaml")]
    except _Refused as refused:
        return None, [*problems, refused.problem]
    return builder.root, problems


def _column(text: str, at: int) -> int:
    return at - text.rfind("\n", 0, at)


def plain(tree: Tree) -> Any:
    """Return the tree as dicts, lists and texts, without places."""
    if isinstance(tree, Text):
        return tree.value
    if isinstance(tree, Listing):
        return [plain(item) for item in tree.items]
    return {key: plain(value) for key, (_, value) in tree.entries.items()}


def place(tree: Tree, path: Path, *, key: bool = False) -> Where:
    """Return the place of the value at `path`, or of its key; as near to it as the tree goes."""
    where = tree.where
    for step in path:
        if isinstance(tree, Mapping) and str(step) in tree.entries:
            name, tree = tree.entries[str(step)]
            where = name.where if key else tree.where
        elif isinstance(tree, Listing) and isinstance(step, int) and step < len(tree.items):
            tree = tree.items[step]
            where = tree.where
        elif step == 0:
            continue  # one thing where a list may stand: it is its own first item
        else:
            break
    return where


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Builder:
    """Builds the tree from parse events: no recursion, so no depth can hurt."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self._file = file
        self._problems = problems
        self._open: list[tuple[Where, list[Tree], bool]] = []
        self.root: Tree | None = None

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        where = Where(self._file, mark.line + 1, mark.column + 1) if mark else Where(self._file)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(
                where, 'anchors and aliases (&, *) are not used here; quote a key: "*"', "yaml"
            )
        if getattr(event, "tag", None):
            self._refuse(
                where, "tags (!) are not used here; quote a text that begins with !", "yaml"
            )
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self._refuse(where, "one file holds one document; a second begins here", "yaml")
        if isinstance(event, yaml.ScalarEvent):
            self._put(Text(event.value, where, event.style is not None and event.style in "'\""))
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(self._open) >= DEEPEST:
                self._refuse(where, f"nested deeper than {DEEPEST} levels", "too-deep")
            self._open.append((where, [], isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, yaml.CollectionEndEvent):
            began, parts, mapping = self._open.pop()
            self._put(self._mapping(began, parts) if mapping else Listing(tuple(parts), began))

    def _refuse(self, where: Where, message: str, rule: str) -> None:
        raise _Refused(Problem(where, message, rule))

    def _put(self, tree: Tree) -> None:
        if self._open:
            self._open[-1][1].append(tree)
        else:
            self.root = tree

    def _mapping(self, where: Where, parts: list[Tree]) -> Mapping:
        entries: dict[str, tuple[Text, Tree]] = {}
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if not isinstance(key, Text):
                self._problems.append(Problem(key.where, "a key must be a plain text", "yaml"))
            elif key.value in entries:
                line = entries[key.value][0].where.line
                message = f"'{key.value}' is already given on line {line}"
                self._problems.append(Problem(key.where, message, "twice"))
            else:
                entries[key.value] = (key, value)
        return Mapping(entries, where)


def _lost_hashes(file: str, text: str) -> Iterator[Problem]:
    """An unquoted `#` key is a comment to YAML and would vanish without a word."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := re.match(r"(\s*)#\s*:\s*\S", line):
            message = 'an unquoted # begins a comment, so this key is not read; write "#"'
            yield Problem(Where(file, number, len(found[1]) + 1), message, "unquoted-hash")


def _yaml_problem(file: str, text: str, fault: yaml.MarkedYAMLError) -> Problem:
    mark = fault.problem_mark or fault.context_mark
    where = Where(file, mark.line + 1, mark.column + 1) if mark else Where(file)
    lines = text.splitlines()
    line = lines[where.line - 1] if where.line <= len(lines) else ""
    message = fault.problem or str(fault)
    if "nesting depth" in message:  # libyaml looks ahead, and ends before we do
        return Problem(where, f"nested deeper than {DEEPEST} levels", "too-deep")
    if "alias" in (fault.context or "") or re.search(r"(^|[\s{,])\*\s*:", line):
        return Problem(where, 'a key * must be quoted: "*"', "unquoted-star")
    # The comment that an unquoted # begins is only missed further down.
    for number, earlier in enumerate(lines[: where.line], start=1):
        if found := re.search(r"[{,]\s*#\s*:", earlier):
            where = Where(file, number, found.end() - 1)
            return Problem(where, 'an unquoted # begins a comment; write "#"', "unquoted-hash")
    if "\t" in line[: mark.column + 1 if mark else 0]:
        return Problem(where, "a tab cannot indent YAML; use spaces", "yaml")
    return Problem(where, f"not YAML: {message}", "yaml")
