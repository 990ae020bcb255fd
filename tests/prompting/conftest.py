"""A small hotline of its own, and its commands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.flow.speech import Clip
from ivr.speech.voices import Espeak
from tests.prompting.given import FLOW, PROMPTS, SETTINGS, Ivr
from tests.stage import ROOT, furnish


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_settings: None) -> Path:
    """A small hotline of its own."""
    for name in ("flows", "prompts", "asterisk-config"):
        (tmp_path / name).mkdir()
    for name in ("services.yaml", "hours.yaml"):
        shutil.copy(ROOT / "flows" / name, tmp_path / "flows")
    furnish(tmp_path / "asterisk-config")
    (tmp_path / "flows" / "f.yaml").write_text(FLOW)
    (tmp_path / "prompts" / "p.yaml").write_text(PROMPTS)
    (tmp_path / "ivr.yaml").write_text(SETTINGS)
    monkeypatch.setenv("IVR_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def ivr(project: Path) -> Ivr:
    return lambda *words: CliRunner().invoke(app, ("prompts", *words))


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of somebody who says hello: a WAV file."""
    wav = tmp_path_factory.mktemp("speech") / "hello.wav"
    Espeak().speak(Clip("您好，", "cmn"), wav)
    return wav
