"""The shipped flows pass the tests that stand beside them."""

from pathlib import Path

import pytest

from ivr.trial import calls, verdict
from ivr.trial.calls import Trial
from tests.stage import ROOT, shipped

FILES = sorted((ROOT / "flows").glob("*.test.yaml"))
PROJECT = shipped()


def trials(file: Path) -> list[Trial]:
    read, problems = calls.read(f"flows/{file.name}", file.read_text(), PROJECT)
    assert not problems, "\n".join(map(str, problems))
    return read


@pytest.mark.parametrize(
    "trial", [t for file in FILES for t in trials(file)], ids=lambda trial: f"{trial.name}"
)
def test_a_call_is_as_its_author_expects(trial: Trial) -> None:
    result = verdict.run(trial, PROJECT)
    assert result.passed, f"\n{result}"
