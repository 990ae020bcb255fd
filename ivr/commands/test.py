"""`ivr test`: the calls of `flows/NAME.test.yaml`, played in simulated time."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from ivr import config, screen, suite
from ivr.errors import IvrError
from ivr.trial import verdict
from ivr.trial.verdict import Result

Form = Literal["terminal", "github", "json"]


def test(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of tests; all beside the flows if none.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How results are printed.")] = "terminal",
) -> None:
    """Play the tests of the flows; exits with 1 when one fails."""
    with screen.told():
        settings = config.settings()
    with screen.told(settings):
        tests = suite.load(settings, files or ())
        if not tests.trials:
            raise IvrError(f"there are no tests: write one in {settings.flows}/NAME.test.yaml")
        began = time.perf_counter()
        results = [verdict.run(trial, tests.project) for trial in tests.trials]
        took = time.perf_counter() - began
    _print(results, form, took)
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _print(results: list[Result], form: Form, took: float) -> None:
    failed = [result for result in results if not result.passed]
    if form == "json":
        screen.line(json.dumps([_json(result) for result in results], ensure_ascii=False))
        return
    for result in failed:
        screen.line(_github(result) if form == "github" else f"{result}\n")
    calls = "1 call" if len(results) == 1 else f"{len(results)} calls"
    screen.line(
        f"{calls}, {len(failed)} failed, in {took:.2f} s"
        if failed
        else f"{calls}, all as expected, in {took:.2f} s"
    )


def _json(result: Result) -> dict[str, object]:
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
