"""`ivr desks`, as a person types it; no hotline runs."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from tests.stage import ROOT


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IVR_ROOT", str(ROOT))
    monkeypatch.setenv("IVR_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")


def test_the_lines_are_listed_with_their_agents_the_best_first() -> None:
    shown = CliRunner().invoke(app, ["desks"]).stdout
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines()]
    assert ["front_desk+yue", "1003 1001 (1002)", "50", "front_desk", ""] in rows
    assert ["roaming", "1004 1005 1006", "20", "roaming_desk", "801"] in rows


def test_where_no_hotline_has_run_nothing_is_applied(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["desks", "apply"])
    assert done.exit_code == 1
    assert f"no hotline has run on {tmp_path}" in done.output


def test_mistakes_are_shown_with_their_places(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "agents.yaml"
    file.write_text((ROOT / "asterisk-config/agents.yaml").read_text().replace("1001:", "1010:"))
    monkeypatch.setenv("IVR_AGENTS", str(file))
    done = CliRunner().invoke(app, ["desks"])
    assert done.exit_code == 1
    assert "there is no agent 1001" in done.output and "[no-such-agent]" in done.output
