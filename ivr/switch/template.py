"""Templates of the switch's configuration.

`@name` (or `@{name}`) is replaced by a value, `@@` is an at sign. Lines between `;each rows`
and `;end` are repeated for every row of `rows`; these may be nested. Both marks are comments to
Asterisk, so that a template still reads as what it will become.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ivr.errors import FlowError, Problem, Where, nearest

Rows: TypeAlias = "Sequence[Mapping[str, Value]]"
Value: TypeAlias = "str | Rows"

_EACH = re.compile(r"\s*;each (\w+)\s*")
_END = re.compile(r"\s*;end\s*")
# A line break begins a setting of its own, a semicolon ends the value as a comment.
_BREAKING = re.compile(r"[\x00-\x1f\x7f;\u0085\u2028\u2029]|^\s|\s$")


class _Line(string.Template):
    delimiter = "@"


def breaks_conf(value: str) -> bool:
    """Tell whether `value` would not stay one value in a .conf file."""
    return _BREAKING.search(value) is not None


def fill(file: str, text: str, values: Mapping[str, Value]) -> str:
    """Return the template `text` filled in; `file` is its name for messages.

    Raises FlowError for a name that is not among `values` and for an `;each` or `;end` without
    the other, and ValueError for a value that would not stay one value.
    """
    numbered = list(enumerate(text.splitlines(), start=1))
    return "".join(f"{line}\n" for line in _filled(file, numbered, values))


def _filled(file: str, lines: Sequence[tuple[int, str]], values: Mapping[str, Value]) -> list[str]:
    done: list[str] = []
    at = 0
    while at < len(lines):
        number, line = lines[at]
        if each := _EACH.fullmatch(line):
            end = _end(file, lines, at)
            rows = values.get(each[1])
            if rows is None or isinstance(rows, str):
                raise _problem(file, number, f"there are no rows '{each[1]}'", values)
            for row in rows:
                done += _filled(file, lines[at + 1 : end], {**values, **row})
            at = end
        elif _END.fullmatch(line):
            raise _problem(file, number, "this ;end ends nothing", values)
        else:
            done.append(_line(file, number, line, values))
        at += 1
    return done


def _end(file: str, lines: Sequence[tuple[int, str]], start: int) -> int:
    depth = 0
    for at in range(start, len(lines)):
        if _EACH.fullmatch(lines[at][1]):
            depth += 1
        elif _END.fullmatch(lines[at][1]):
            depth -= 1
            if depth == 0:
                return at
    raise _problem(file, lines[start][0], "this ;each has no ;end", {})


def _line(file: str, number: int, line: str, values: Mapping[str, Value]) -> str:
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    for name, value in texts.items():
        if breaks_conf(value):
            raise ValueError(f"the value of @{name} would not stay one value: {value!r}")
    try:
        return _Line(line).substitute(texts)
    except KeyError as missing:
        name = str(missing.args[0])
        message = f"there is no value @{name}{nearest(name, texts)}"
        raise _problem(file, number, message, values) from None
    except ValueError:
        raise _problem(file, number, "an @ that names no value is written @@", values) from None


def _problem(file: str, number: int, message: str, values: Mapping[str, Value]) -> FlowError:
    known = f"; known here: {', '.join(sorted(values))}" if values and "rows" in message else ""
    return FlowError([Problem(Where(file, number), message + known, "template")])
