"""What docs/testing.md shows is run."""

import pytest

from ivr.flow.project import Project
from ivr.trial import calls, mutation, verdict
from ivr.trial.acts import act
from ivr.trial.calls import Ends, Expected, Trial
from ivr.trial.given import Given
from tests.pages import AUTHORS, blocks, described, one
from tests.stage import ROOT

TESTING = ROOT / "docs" / "testing.md"
TESTS = one(TESTING, "yaml tests")
PROJECT: Project = described(one(AUTHORS, "yaml flow"))[0]


def trials(written: str) -> list[Trial]:
    found, problems = calls.read("flows/balance.test.yaml", written, PROJECT)
    assert not problems, "\n".join(map(str, problems))
    return found


@pytest.mark.parametrize("trial", trials(TESTS), ids=lambda trial: str(trial.name))
def test_the_tests_shown_pass(trial: Trial) -> None:
    result = verdict.run(trial, PROJECT)
    assert result.passed, str(result)


def test_the_failure_shown_is_what_is_said() -> None:
    wrong = TESTS.replace("twenty-three", "twenty-five").replace("75%", "60%")
    assert str(verdict.run(trials(wrong)[0], PROJECT)) + "\n" in [
        block.text for block in blocks(TESTING, "text")
    ]


def test_the_mistake_shown_is_one_that_the_tests_shown_do_not_notice() -> None:
    score = mutation.score(PROJECT, [verdict.run(trial, PROJECT) for trial in trials(TESTS)])
    # The page of authors is read as another file.
    said = [f"{mutant}; no test notices\n" for mutant in score.survivors]
    assert one(TESTING, "text survivor") in [
        each.replace("plans.yaml", "balance.yaml") for each in said
    ]


@pytest.mark.parametrize("name", [*Given.model_fields, *Expected.model_fields, *Ends.model_fields])
def test_every_word_of_a_test_is_told(name: str) -> None:
    assert name in {"name", "lookups"} or f"`{name}`" in TESTING.read_text()


def test_everything_she_does_in_the_table_can_be_read() -> None:
    table = TESTING.read_text().partition("## What she does")[2].partition("\n## ")[0]
    rows = [line.split("`")[1].strip('"') for line in table.splitlines() if line.startswith("| `")]
    assert len(rows) == 7 and all(act(row) for row in rows)
