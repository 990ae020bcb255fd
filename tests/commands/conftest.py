"""`ivr` as a person types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from tests.commands.typed import Ivr
from tests.stage import ROOT


@pytest.fixture
def ivr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_settings: None) -> Ivr:
    """Run `ivr` in the shipped project on a state of its own."""
    monkeypatch.setenv("IVR_ROOT", str(ROOT))
    monkeypatch.setenv("IVR_STATE_DIR", str(tmp_path / "state"))
    return lambda *words: CliRunner().invoke(app, words)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state of a hotline that does not run."""
    monkeypatch.setenv("IVR_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("IVR_HTTP_PORT", "1")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path
