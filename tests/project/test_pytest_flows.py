"""The plugin of pytest, as a Python author meets it: in a process of its own."""

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.stage import ROOT
from tests.trial.house import build


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return build(tmp_path)


def run(house: Path) -> str:
    """Run pytest on the flows with the plugin alone; return what it says."""
    plugins = ("-p", "ivr.project.pytest_flows", "-p", "no:cacheprovider")
    words = [sys.executable, "-m", "pytest", *plugins]
    there = {name: value for name, value in os.environ.items() if not name.startswith("IVR_")}
    there |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*words, "flows"], cwd=house, env=there, capture_output=True, text=True, check=False
    )
    assert not done.stderr
    return done.stdout


def test_every_call_is_a_test_and_a_failing_one_shows_the_whole_call(house: Path) -> None:
    said = run(house)
    assert "1 failed, 1 passed" in said
    assert "♪ en 100% Hello." in said and ">>> from here on this is not heard: hello" in said
    assert "Traceback" not in said and "verdict.py" not in said


def test_a_mistake_in_a_test_is_told_with_its_place(house: Path) -> None:
    (house / "flows" / "hello.test.yaml").write_text("flow: hallo\ncalls: [{name: x}]\n")
    assert "flows/hello.test.yaml:1:7: there is no flow 'hallo'; did you mean 'hello'?" in run(
        house
    )


def test_the_plugin_is_found_by_its_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    plugin = importlib.import_module(project["entry-points"]["pytest11"]["ivr-flows"])
    assert plugin.pytest_collect_file
