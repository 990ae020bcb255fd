"""`ivr test`: the calls of `flows/NAME.test.yaml`, played in simulated time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from ivr import screen
from ivr.errors import IvrError
from ivr.project import suite
from ivr.trial import mutation
from ivr.trial.coverage import Covered, Watch
from ivr.trial.mutation import Score
from ivr.trial.verdict import Result

Form = Literal["terminal", "github", "json"]


def test(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of tests; all beside the flows if none.")
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="List what no test meets.")] = False,
    marks: Annotated[
        Path | None, typer.Option(help="Write how often each way was met, for ivr draw.")
    ] = None,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Tell how many mistakes the tests would catch.")
    ] = False,
    form: Annotated[Form, typer.Option("--format", help="How results are printed.")] = "terminal",
    on_asterisk: Annotated[
        bool,
        typer.Option("--on-asterisk", help="Place each as a real call, and compare the two."),
    ] = False,
) -> None:
    """Play the tests of the flows; exits with 1 when one fails."""
    settings = screen.settings()
    with screen.told(settings):
        tests = suite.load(settings, files or ())
        if not tests.trials:
            raise IvrError(f"there are no tests: write one in {settings.flows}/NAME.test.yaml")
        if on_asterisk:
            # Only here: it needs a phone, which not everybody has.
            from ivr.commands import testcalls

            if not testcalls.place(settings, tests):
                raise typer.Exit(1)
            return
        # Of files that are named their own flows are looked at, and not all others.
        flows = {trial.flow for trial in tests.trials} if files else None
        watch = Watch(tests.project, flows)
        began = time.perf_counter()
        results = [watch.run(trial) for trial in tests.trials]
        took = time.perf_counter() - began
        passed = all(result.passed for result in results)
        if marks:
            marks.write_text(json.dumps(watch.covered.json(), indent=1), encoding="utf-8")
    score = mutation.score(tests.project, results, flows) if mutate and passed else None
    covered = watch.covered if coverage else None
    if form == "json":
        screen.line(json.dumps(_json(results, covered, score), ensure_ascii=False))
    else:
        for line in _told(results, form, took, covered, score):
            screen.line(line)
    if not passed:
        if mutate:
            screen.err.print("mistakes are looked for when all tests pass", markup=False)
        raise typer.Exit(1)


def _told(
    results: list[Result], form: Form, took: float, covered: Covered | None, score: Score | None
) -> Iterator[str]:
    failed = [result for result in results if not result.passed]
    for result in failed:
        yield _github(result) if form == "github" else f"{result}\n"
    calls = "1 call" if len(results) == 1 else f"{len(results)} calls"
    said = f"{len(failed)} failed" if failed else "all as expected"
    yield f"{calls}, {said}, in {took:.2f} s"
    if covered is not None:
        yield from covered.missed()
        yield f"{covered} of nodes, outcomes and keys are met"
    if score is not None:
        yield from (f"{mutant}; no test notices" for mutant in score.survivors)
        yield f"{score} of mistakes are caught"


def _json(results: list[Result], covered: Covered | None, score: Score | None) -> dict[str, object]:
    said: dict[str, object] = {"calls": [_call(result) for result in results]}
    if covered is not None:
        said["coverage"] = {"share": covered.share, "missed": covered.missed()}
    if score is not None:
        said["mutation"] = {"share": score.share, "survivors": list(map(str, score.survivors))}
    return said


def _call(result: Result) -> dict[str, object]:
    where = result.trial.where
    return {
        "name": result.trial.name,
        "file": where.file,
        "line": where.line,
        "passed": result.passed,
        "faults": [fault.message for fault in result.faults],
        "call": result.transcript.lines(),
    }


def _github(result: Result) -> str:
    """Return one line that GitHub shows beside the test's own line."""
    where = result.trial.where
    text = str(result).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::error file={where.file},line={where.line},col={where.column}::{text}"
