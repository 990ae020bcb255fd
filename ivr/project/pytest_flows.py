"""A plugin of pytest: `pytest flows/` runs every call of `*.test.yaml` as a test of its own.

Installed with the package (entry point `pytest11`). Nothing is read before a file of tests is
met, so it costs other test runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ivr.flow.project import Project
    from ivr.trial.calls import Trial


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FlowTests | None:
    """Take a file of tests of flows."""
    if file_path.name.endswith(".test.yaml"):
        return FlowTests.from_parent(parent, path=file_path)
    return None


class FlowTests(pytest.File):
    """One file of tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """Return an item for each call; mistakes of the file or of the project are told."""
        from ivr import config
        from ivr.errors import IvrError
        from ivr.project import disk, suite

        try:
            settings = config.settings()
            project = self.session.stash.get(_PROJECT, None) or disk.load(settings)[0]
            self.session.stash[_PROJECT] = project
            trials = suite.read(settings, project, [self.path])
        except IvrError as wrong:
            raise self.CollectError(str(wrong)) from None
        for trial in trials:
            yield FlowCall.from_parent(self, name=trial.name, trial=trial, project=project)


class FlowCall(pytest.Item):
    """One call; it fails with the whole call and the place."""

    def __init__(self, *, trial: Trial, project: Project, **rest: Any) -> None:
        super().__init__(**rest)
        self._trial = trial
        self._project = project

    def runtest(self) -> None:
        """Play the call."""
        from ivr.trial import verdict

        result = verdict.run(self._trial, self._project)
        if not result.passed:
            raise NotAsExpected(str(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the call instead of a traceback through this house."""
        if isinstance(excinfo.value, NotAsExpected):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test stands."""
        return self.path, self._trial.where.line - 1, self.name


class NotAsExpected(AssertionError):
    """A call that was not as its test says."""


_PROJECT = pytest.StashKey["Project"]()
