"""YAML as its author sees it: text with places.

Every scalar stays text (`18:30`, `0755`, `on`, `no` mean what they look like); the type of the
field reads it later. Every key and value knows its line and column. Nothing here raises for
what a file contains: mistakes are returned as problems, all of them.

    tree, problems = read("flows/hotline.yaml", text)
    model, problems = fit(tree, Menu, "menu")
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from ivr.errors import Problem, Where, nearest

# The largest flow we know of (a carrier's whole hotline) is under 200 kB.
LONGEST_FILE = 1_000_000
DEEPEST = 32

# What YAML 1.1 calls unprintable, and refuses without a line.
_UNPRINTABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

Model = TypeVar("Model", bound=BaseModel)
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


def fit(tree: Tree, model: type[Model], title: str) -> tuple[Model | None, list[Problem]]:
    """Validate the tree as `model`; return it (None if it does not fit) and every problem.

    `title` is what messages call the thing: "menu has no 'trys'; did you mean 'tries'?".
    """
    try:
        return model.model_validate(plain(tree)), []
    except ValidationError as fault:
        return None, [_fit_problem(tree, model, title, error) for error in fault.errors()]


def what_fits(tree: Mapping, model: type[Model], **instead: Any) -> Model:
    """Return a model of the fields that are right, so that these can still be checked.

    `instead` stands for fields that are missing or wrong. Not fit to run.
    """
    fitting = dict(instead)
    for name, field in model.model_fields.items():
        given = tree.get(field.alias or name)
        if given is not None:
            with contextlib.suppress(ValidationError):
                adapter = TypeAdapter[Any](field.rebuild_annotation() or Any)
                fitting[name] = adapter.validate_python(plain(given))
    return model.model_construct(**fitting)


_SHAPES = {
    "string_type": "a text is expected here",
    "dict_type": "names with values (`name: value`) are expected here",
    "model_type": "names with values (`name: value`) are expected here",
    "list_type": "a list is expected here",
    "tuple_type": "a list is expected here",
    "int_parsing": "a whole number is expected here, such as 3",
    "int_type": "a whole number is expected here, such as 3",
    "bool_parsing": "true or false is expected here",
    "decimal_parsing": "a number is expected here, such as 12.50",
    "greater_than_equal": "at least {ge:g} is expected here",
    "less_than_equal": "at most {le:g} is expected here",
    "greater_than": "more than {gt:g} is expected here",
    "too_short": "at least {min_length} is expected here",
}


def _fit_problem(tree: Tree, model: type[BaseModel], title: str, error: Any) -> Problem:
    path: Path = tuple(step for step in error["loc"] if step != "[key]")
    kind, last = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        known = _fields_at(model, path[:-1])
        message = f"{_title(title, path[:-1])} has no '{last}'{nearest(last, known)}"
        return Problem(place(tree, path, key=True), message, "unknown-key")
    if kind == "missing":
        return Problem(
            place(tree, path[:-1]), f"{_title(title, path[:-1])} needs '{last}'", "missing-key"
        )
    where = place(tree, path, key=bool(error["loc"]) and error["loc"][-1] == "[key]")
    reason = error.get("ctx", {}).get("error")
    if isinstance(reason, Wrong):
        return Problem(where, str(reason), reason.rule)
    given = error.get("input")
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        message = f"'{given}' is none of {', '.join(choices)}{nearest(str(given), choices)}"
        return Problem(where, message, "wrong-value")
    shown = f"; this is '{given}'" if isinstance(given, str) else ""
    shape = _SHAPES[kind].format_map(error.get("ctx", {})) if kind in _SHAPES else error["msg"]
    return Problem(where, shape + shown, "wrong-value")


def _title(title: str, path: Path) -> str:
    return f"'{path[-1]}'" if path else title


def _fields_at(model: type[BaseModel], path: Path) -> set[str]:
    """Return the field names of the model that `path` leads to, as far as annotations tell."""
    for step in path:
        field = model.model_fields.get(str(step))
        inner = list(_models_in(field.annotation)) if field else []
        if not inner and isinstance(step, str):
            continue
        if inner:
            model = inner[0]
    return {field.alias or name for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


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
