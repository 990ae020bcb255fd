"""Whatever docs/security.md says is proved by a test that there is."""

import ast
import re

from tests.stage import ROOT

PAGE = ROOT / "docs" / "security.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def found_in(file: str) -> set[str]:
    """Return the names of the tests in a file."""
    if not (ROOT / file).is_file():
        return set()
    tree = ast.parse((ROOT / file).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_each_test_that_is_named_exists() -> None:
    named = _NAMED.findall(PAGE.read_text())
    assert len(named) > 20
    assert [f"{file}::{name}" for file, name in named if name not in found_in(file)] == []


def test_no_line_is_without_a_proof() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    heads = [row for row in rows if row.endswith("| proved by |")]
    assert heads
    assert [row for row in rows if row not in heads and not _NAMED.search(row)] == []
