"""The tests of a project as they lie on disk, beside its flows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ivr.config import Settings
from ivr.errors import FlowError, IvrError, Problem, Where
from ivr.flow.project import Project
from ivr.project import disk
from ivr.trial import calls
from ivr.trial.calls import Trial

ENDING = ".test.yaml"


@dataclass(frozen=True)
class Suite:
    """A project that may run, and its tests in the order of their files."""

    project: Project
    trials: tuple[Trial, ...]


def load(settings: Settings, files: Iterable[Path] = ()) -> Suite:
    """Read these files of tests; without any, all beside the flows.

    Raises FlowError with every mistake of the project and of the tests, and IvrError where a
    file is no file of tests.
    """
    project, _ = disk.load(settings)
    files = files or sorted(settings.at(settings.flows).glob(f"*{ENDING}"))
    return Suite(project, read(settings, project, files))


def read(settings: Settings, project: Project, files: Iterable[Path]) -> tuple[Trial, ...]:
    """Read files of tests of a project. Raises FlowError and IvrError as `load` does."""
    trials: list[Trial] = []
    problems: list[Problem] = []
    for file in files:
        if not file.name.endswith(ENDING):
            raise IvrError(f"{file}: a file of tests is called NAME{ENDING}")
        found, wrong = _read(file, _shown(file, settings.root), project)
        trials += found
        problems += wrong
    if problems:
        raise FlowError(problems)
    return tuple(trials)


def _read(file: Path, name: str, project: Project) -> tuple[list[Trial], list[Problem]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        return [], [Problem(Where(name), f"not UTF-8 text: {fault.reason}", "unreadable")]
    except OSError as fault:
        return [], [Problem(Where(name), f"{fault.strerror}", "unreadable")]
    return calls.read(name, text, project)


def _shown(file: Path, root: Path) -> str:
    at = file.resolve()
    folder = root.resolve()
    return str(at.relative_to(folder)) if at.is_relative_to(folder) else str(file)
