"""`ivr check`: every mistake of the files that authors write."""

from __future__ import annotations

import json
import os
from pathlib import PurePath
from typing import Annotated, Literal

import typer

from ivr import screen
from ivr.config import Settings
from ivr.errors import FlowError, IvrError, Problem, nearest, workflow_commands
from ivr.flow.node import Flow
from ivr.flow.project import Project
from ivr.project import disk
from ivr.speech import audit
from ivr.speech.sheet import sheet
from ivr.speech.takes import Takes

Form = Literal["terminal", "github", "json"]


def check(
    flow: Annotated[
        list[str] | None, typer.Argument(help="Flows to speak of; all if none.")
    ] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="How mistakes are printed; github in its workflows."),
    ] = None,
) -> None:
    """Show every mistake in flows, prompts, services, hours and desks; exits with 1 at any."""
    settings = screen.settings()
    with screen.told(settings):
        checked = disk.check(settings)
        found = checked.problems or _stale(settings, checked.project)
        files = {_file(settings, name, checked.project, found) for name in flow or ()}
        problems = _of(files, checked.project, found)
        form = form or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "terminal")
        if form == "terminal" and problems:
            raise FlowError(problems)
    if form == "json":
        screen.line(json.dumps([_plain(each) for each in problems], ensure_ascii=False, indent=1))
    elif problems:
        screen.line(workflow_commands(problems))
    else:
        flows = (
            "1 flow" if len(checked.project.flows) == 1 else f"{len(checked.project.flows)} flows"
        )
        screen.line(f"{flows}, no mistakes, version {checked.project.version}")
    if problems:
        raise typer.Exit(1)


def _stale(settings: Settings, project: Project) -> list[Problem]:
    """Return a problem for each recording whose words are not those of its prompt any more.

    It stops no start: callers hear the new words, but in the voice of the next program.
    """
    takes = Takes.load(settings.takes, settings.root)
    return sorted(
        Problem(
            change.row.uses[0].where,
            f"'{change.row.name}' is recorded with other words: '{change.take.clip.text}'; callers "
            "hear another voice until it is recorded anew (`ivr prompts list`), or made anew "
            "(`ivr prompts build --keep`)",
            "stale-take",
        )
        for change in audit.changed(sheet(project), takes)
        if change.row.uses
    )


def _of(files: set[str], project: Project, problems: list[Problem]) -> list[Problem]:
    """Leave out the problems of flows that are not wanted; nothing is wanted less than all."""
    others = {flow.file for flow in project.flows.values()} - files if files else set()
    return [problem for problem in problems if problem.where.file not in others]


def _file(settings: Settings, name: str, project: Project, problems: list[Problem]) -> str:
    """Return the file of a flow, also of one that is too broken to be read.

    Raises IvrError that names those there are.
    """
    own = str(settings.flows / f"{name}.yaml")
    is_broken = own in {problem.where.file for problem in problems}
    return own if is_broken and name not in project.flows else named(project, name).file


def named(project: Project, name: str) -> Flow:
    """Return a flow by its name. Raises IvrError that names those there are."""
    if name not in project.flows:
        known = ", ".join(project.flows)
        meant = nearest(PurePath(name).stem, project.flows)
        raise IvrError(f"there is no flow '{name}'{meant}; there are {known}")
    return project.flows[name]


def _plain(problem: Problem) -> dict[str, str | int]:
    where = problem.where
    return {
        "file": where.file,
        "line": where.line,
        "column": where.column,
        "rule": problem.rule,
        "message": problem.message,
    }
