"""Imports never point up: the floors of docs/decisions/0001, read from the source itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

IVR = Path(__file__).resolve().parents[1] / "ivr"

# The first prefix that fits a module tells its floor; a module without one fails the test.
FLOORS = (
    ("ivr.desk.board", 1),
    ("ivr.desk.snapshot", 1),
    ("ivr.desk.duty", 1),
    ("ivr.desk.ledger", 1),
    ("ivr.desk.picture", 1),
    ("ivr.desk.lines", 1),
    ("ivr.desk.order", 1),
    ("ivr.desk.workload", 1),
    ("ivr.desk.standin", 1),
    ("ivr.desk.lineup", 1),
    ("ivr.desk.teller", 1),
    ("ivr.desk.tempo", 1),
    ("ivr.desk.forecast", 1),
    ("ivr.desk.agenda", 1),
    ("ivr.desk.reachable", 1),
    ("ivr.errors", 0),
    ("ivr.wire", 0),
    ("ivr.lang", 0),
    ("ivr.flow", 1),
    ("ivr.past", 1),
    ("ivr.speech", 2),
    ("ivr.drawing", 2),
    ("ivr.line", 3),
    ("ivr.desk", 3),
    ("ivr.services", 3),
    ("ivr.store", 3),
    ("ivr.trial", 3),
    ("ivr.meanwhile", 3),
    ("ivr.connection", 4),
    ("ivr.server", 4),
    ("ivr.web", 4),
    ("ivr.switch", 4),
    ("ivr.phone", 4),
    ("ivr.demo", 4),
    ("ivr", 5),
)
# What lives outside the process, or outside what a test can hold still.
IMPURE = {
    "aiohttp",
    "asyncio",
    "logging",
    "os",
    "pathlib",
    "random",
    "socket",
    "subprocess",
    "threading",
    "time",
}


def floor(module: str) -> int:
    return next(n for prefix, n in FLOORS if module == prefix or module.startswith(f"{prefix}."))


def name_of(path: Path) -> str:
    parts = path.relative_to(IVR.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_ours(module: str) -> bool:
    return module == "ivr" or module.startswith("ivr.")


MODULES = sorted(IVR.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_never_point_up(path: Path) -> None:
    here = floor(name_of(path))
    for module in imports(path):
        if is_ours(module) and module != "ivr":
            assert floor(module) <= here, f"{name_of(path)} (floor {here}) imports {module}"


@pytest.mark.parametrize("path", [p for p in MODULES if floor(name_of(p)) <= 1], ids=name_of)
def test_the_lower_floors_do_no_io(path: Path) -> None:
    for module in imports(path):
        assert module.partition(".")[0] not in IMPURE, f"{name_of(path)} imports {module}"


def test_a_node_kind_imports_nothing_of_ours_but_the_kit() -> None:
    for path in (IVR / "flow" / "nodes").glob("[a-z]*.py"):
        for module in filter(is_ours, imports(path)):
            assert module.startswith(("ivr.flow.kit", "ivr.flow.nodes.")), f"{path.name}: {module}"
