"""What docs/speaking-values.md tells authors and reviewers is what is said."""

import re
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from ivr.lang import KINDS, LANGUAGES, parse, say

PAGE = (Path(__file__).parents[2] / "docs" / "speaking-values.md").read_text()


class Row(NamedTuple):
    kind: str
    argument: str
    careful: bool
    written: str
    language: str
    said: str


def rows(text: str) -> list[Row]:
    """Return the rows of the tables that show what is said."""
    found = []
    for line in re.findall(r"^\| (.+) \|$", text, re.M):
        cells = line.split(" | ")
        if len(cells) == 4 and cells != ["kind", "written", "language", "said"]:
            kind, _, argument = cells[0].removeprefix("careful ").partition(" ")
            found.append(Row(kind, argument, cells[0].startswith("careful "), *cells[1:]))
    return found


@pytest.mark.parametrize("row", rows(PAGE), ids=lambda row: f"{row.kind}-{row.written}")
def test_a_row_of_the_page_is_what_is_said(row: Row) -> None:
    value = parse(row.kind, row.written)
    phrases = say(row.kind, value, row.language, row.argument, row.careful)
    assert LANGUAGES[row.language].join(phrases) == row.said


def test_the_page_shows_every_kind_in_every_language() -> None:
    assert {(row.kind, row.language) for row in rows(PAGE)} == set(product(KINDS, LANGUAGES))


def test_every_rule_of_the_page_has_its_rows() -> None:
    rules = re.split("^### ", PAGE, flags=re.M)[1:]
    assert len(rules) > 25
    assert [rule.splitlines()[0] for rule in rules if not rows(rule)] == []


def test_the_page_tells_how_every_kind_is_written() -> None:
    shown = re.findall(r"^\| `\{\w+:(\w+).*?\}`.* \| (`.+?`|a date)", PAGE, re.M)
    assert [kind for kind, _ in shown] == list(KINDS)
    for kind, example in shown:
        if example.startswith("`"):
            parse(kind, example.strip("`"))


def test_the_page_lists_what_is_shipped_to_be_counted() -> None:
    listed = " ".join(PAGE.split())
    for language in LANGUAGES.values():
        assert " ".join(language.shipped["count"]) in listed


def test_the_page_tells_how_many_phrases_there_are() -> None:
    (most,) = re.findall("Fewer than ([0-9,]+) phrases", PAGE)
    sizes = [len(language.vocabulary()) for language in LANGUAGES.values()]
    assert max(sizes) < int(most.replace(",", "")) < max(sizes) + 50
