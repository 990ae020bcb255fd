"""`ivr agent`: what it says where nothing can be changed; tests/calls/test_duty.py has the rest."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr import cli


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IVR_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("IVR_HTTP_PORT", "1")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["1001"], "no hotline answers at http://127.0.0.1:1/api/agents/1001/duty"),
        (["1001", "pause", "meal"], "no hotline answers"),
        (["1001", "paws"], "an agent cannot be told 'paws'; did you mean 'pause'?"),
        (["1001", "off", "meal"], "only a pause has a reason"),
    ],
)
def test_what_cannot_be_done_is_told(state: Path, words: list[str], said: str) -> None:
    result = CliRunner().invoke(cli.app, ["agent", *words])
    assert result.exit_code == 1
    assert said in result.output
