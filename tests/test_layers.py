"""Imports never point up: the floors of docs/decisions/0001, read from the source itself."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
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
    ("ivr.agi", 4),
    ("ivr.web", 4),
    ("ivr.switch", 4),
    ("ivr.phone", 4),
    ("ivr.demo", 4),
    ("ivr.config", 5),
    ("ivr.setting_forms", 5),
    ("ivr.screen", 5),
    ("ivr.logs", 5),
    ("ivr.places", 5),
    ("ivr.agents", 5),
    ("ivr.announcements", 5),
    ("ivr.callbacks", 5),
    ("ivr.forgetting", 5),
    ("ivr.project", 5),
    ("ivr.records", 5),
    ("ivr.running", 5),
    ("ivr.serving", 5),
    ("ivr.takeover", 5),
    ("ivr.telemetry", 5),
    ("ivr.versions", 5),
    ("ivr.waits", 5),
    ("ivr.assembly", 6),
    ("ivr", 7),
)
# The floor of what the controller is put together of, in rooms by subject.
ROOMS = 5
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


def room(module: str) -> str:
    return ".".join(module.split(".")[:2])


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


def test_rooms_of_the_fifth_floor_go_in_no_circle() -> None:
    rooms: dict[str, set[str]] = {}
    for path in (p for p in MODULES if floor(name_of(p)) == ROOMS):
        rooms.setdefault(room(name_of(path)), set()).update(
            room(module) for module in imports(path) if is_ours(module) and module != "ivr"
        )
    order = TopologicalSorter({here: seen - {here} for here, seen in rooms.items()})
    try:
        order.prepare()
    except CycleError as fault:
        pytest.fail(f"each imports the next: {' → '.join(fault.args[1])}")


def test_a_node_kind_imports_nothing_of_ours_but_the_kit() -> None:
    for path in (IVR / "flow" / "nodes").glob("[a-z]*.py"):
        for module in filter(is_ours, imports(path)):
            assert module.startswith(("ivr.flow.kit", "ivr.flow.nodes.")), f"{path.name}: {module}"
