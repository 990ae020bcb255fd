"""The plugin of pytest, as a Python author meets it: in a process of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stage import ROOT

TESTS = """
flow: hello
calls:
  - {name: she is greeted, hears: [hello], ends: hangup}
  - {name: she is greeted twice, hears: [hello, hello]}
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A project of one flow with two tests, of which the second is wrong."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "prompts").mkdir()
    (tmp_path / "asterisk-config").mkdir()
    shutil.copy(ROOT / "asterisk-config" / "desks.yaml", tmp_path / "asterisk-config")
    (tmp_path / "ivr.yaml").write_text('numbers: {"10086": hello}\n')
    (tmp_path / "flows" / "hello.yaml").write_text(
        "flow: hello\nlanguages: [en]\nstart: greet\n"
        "nodes: {greet: {say: hello, go: bye}, bye: hangup}\n"
    )
    (tmp_path / "flows" / "hello.test.yaml").write_text(TESTS)
    (tmp_path / "prompts" / "hello.yaml").write_text("hello: {en: Hello.}\n")
    return tmp_path


def run(house: Path) -> str:
    """Run pytest on the flows with the plugin alone; return what it says."""
    words = [sys.executable, "-m", "pytest", "-p", "ivr.pytest_flows", "-p", "no:cacheprovider"]
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
    assert 'ivr-flows = "ivr.pytest_flows"' in (ROOT / "pyproject.toml").read_text()
