"""docs/checks.md is true: every rule has its section, each failing example fails by it alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ivr.errors import Problem, render
from ivr.flow import check, project
from ivr.flow.project import Sources
from tests.stage import HOURS, ROOT, SERVICES

PAGE = (ROOT / "docs" / "checks.md").read_text()
SECTIONS = {
    section.partition("\n")[0].strip(): section
    for section in re.split(r"^## ", PAGE, flags=re.M)[1:]
}
RULES = [name for name in SECTIONS if re.fullmatch(r"[a-z]+(-[a-z]+)*", name)]
COMMON = re.findall(r"^```yaml prompts\n(.*?)^```", PAGE, re.M | re.S)[0]
# What the names of things are made of that do not exist: no-such-look-up.
MADE = ("flow", "queue", "look-up", "opening-hours")


def block(rule: str, tag: str) -> str:
    (text,) = re.findall(rf"^```{tag}\n(.*?)^```", SECTIONS[rule], re.M | re.S)
    return str(text)


def files(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the flows and the prompts of an example: several files are parted by `---`."""
    flows = {"flows/services.yaml": SERVICES, "flows/hours.yaml": HOURS}
    prompts = {"prompts/common.yaml": COMMON}
    for part in re.split(r"^---\n", text, flags=re.M):
        if name := re.match(r"flow: (\w+)", part):
            flows[f"flows/{name[1]}.yaml"] = part
        else:
            prompts["prompts/more.yaml"] = part
    return flows, prompts


def problems(text: str) -> tuple[list[Problem], str]:
    flows, prompts = files(text)
    skills = {"desk": {"cmn", "en", "roaming"}}
    loaded, found = project.read(Sources(flows, prompts, {"desk"}, skills, promises=()))
    found = sorted({*found, *check.check(loaded)})
    return found, render(found, flows | prompts) + "\n"


@pytest.mark.parametrize("rule", RULES)
def test_the_failing_example_fails_by_its_rule_as_it_is_shown(rule: str) -> None:
    found, shown = problems(block(rule, "yaml fails"))
    assert {problem.rule for problem in found} == {rule}, shown
    assert shown == block(rule, "text")


@pytest.mark.parametrize("rule", RULES)
def test_the_passing_example_has_no_mistake(rule: str) -> None:
    found, shown = problems(block(rule, "yaml passes"))
    assert not found, shown


def named() -> set[str]:
    """Return every rule that the source names where a problem is made."""
    names = {f"no-such-{what}" for what in MADE}
    paths = [*(ROOT / "ivr" / "flow").rglob("*.py"), ROOT / "ivr" / "project" / "reading.py"]
    paths.append(ROOT / "ivr" / "commands" / "check.py")
    paths += [ROOT / "ivr" / "switch" / f"{name}.py" for name in ("checks", "desks", "desk_files")]
    for path in paths:
        for node in ast.walk(ast.parse(Path(path).read_text())):
            if isinstance(node, ast.Call) and node.args and _makes_one(node.func):
                last = node.args[-1]
                if isinstance(last, ast.Constant) and len(node.args) > 1:
                    names.add(str(last.value))
            elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                last = node.value.elts[-1]
                if "switch" in path.parts and isinstance(last, ast.Constant):
                    names.add(str(last.value))
    return names


def _makes_one(function: ast.expr) -> bool:
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return name in ("Problem", "Wrong", "_refuse")


@pytest.mark.parametrize("rule", sorted(named()))
def test_every_rule_has_its_section_or_its_row(rule: str) -> None:
    assert rule in SECTIONS or f"\n| `{rule}` | " in PAGE
