"""`ivr test`, as a person types it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.cli import app
from tests.trial.house import build

Ivr = Callable[..., Result]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_settings: None) -> Path:
    monkeypatch.setenv("IVR_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return build(tmp_path)


def ivr(*words: str) -> Result:
    result = CliRunner().invoke(app, ["test", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def mend(house: Path) -> None:
    file = house / "flows" / "hello.test.yaml"
    file.write_text(file.read_text().replace("[hello, hello]", "[hello]"))


def test_a_failing_test_is_shown_whole_and_the_command_fails(house: Path) -> None:
    result = ivr()
    assert result.exit_code == 1
    assert "flows/hello.test.yaml:5:5: she is greeted twice\n" in result.stdout
    assert "\n>>> from here on this is not heard: hello" in result.stdout
    assert "\n2 calls, 1 failed, in " in result.stdout


def test_tests_that_pass_are_counted(house: Path) -> None:
    mend(house)
    result = ivr("flows/hello.test.yaml")
    assert result.exit_code == 0 and result.stdout.startswith("2 calls, all as expected, in ")


def test_what_is_missed_is_listed_and_written_as_marks(house: Path) -> None:
    mend(house)
    result = ivr("--coverage", "--mutate", "--marks", "marks.json")
    *_, covered, caught = result.stdout.splitlines()
    assert covered == "100.0% (3 of 3) of nodes, outcomes and keys are met"
    assert caught == "100.0% (1 of 1) of mistakes are caught"
    marks = json.loads((house / "marks.json").read_text())
    assert marks["flows"]["hello"]["nodes"]["greet"] == {"met": 2, "ways": {"go": 2}}


def test_of_a_file_that_is_named_its_flow_alone_is_looked_at(house: Path) -> None:
    mend(house)
    other = (house / "flows" / "hello.yaml").read_text().replace("flow: hello", "flow: other")
    (house / "flows" / "other.yaml").write_text(other)
    *_, covered, caught = ivr("--coverage", "--mutate", "flows/hello.test.yaml").stdout.splitlines()
    assert covered == "100.0% (3 of 3) of nodes, outcomes and keys are met"
    assert caught == "100.0% (1 of 1) of mistakes are caught"
    *_, caught = ivr("--mutate").stdout.splitlines()
    assert caught == "50.0% (1 of 2) of mistakes are caught"


def test_mistakes_are_not_looked_for_before_all_tests_pass(house: Path) -> None:
    result = ivr("--mutate")
    assert "when all tests pass" in result.stderr and "are caught" not in result.stdout


def test_results_can_be_read_by_a_program(house: Path) -> None:
    said = json.loads(ivr("--format", "json", "--coverage").stdout)
    first, second = said["calls"]
    assert (first["passed"], second["passed"], second["line"]) == (True, False, 5)
    assert said["coverage"] == {"share": 1.0, "missed": []}


def test_github_is_told_the_line_of_a_failing_test(house: Path) -> None:
    first = ivr("--format", "github").stdout.splitlines()[0]
    assert first.startswith("::error file=flows/hello.test.yaml,line=5,col=5::")
    assert "%0A>>> from here" in first


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["flows/hello.yaml"], "a file of tests is called NAME.test.yaml"),
        (["flows/none.test.yaml"], "flows/none.test.yaml:1:1: No such file or directory"),
        (["flows/tab.test.yaml"], "a tab cannot indent YAML"),
        (["flows/gbk.test.yaml"], "not UTF-8 text"),
    ],
)
def test_what_cannot_be_read_is_told(house: Path, files: list[str], told: str) -> None:
    (house / "flows" / "tab.test.yaml").write_text("flow: hello\ncalls:\n\t- name: x\n")
    (house / "flows" / "gbk.test.yaml").write_bytes("about: 你好".encode("gbk"))
    result = ivr(*files)
    assert result.exit_code == 1 and told in result.stderr


def test_a_project_without_tests_is_told_where_they_stand(house: Path) -> None:
    (house / "flows" / "hello.test.yaml").unlink()
    assert "write one in flows/NAME.test.yaml" in ivr().stderr
