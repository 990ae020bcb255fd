"""`ivr desks`, as a person types it; no hotline runs."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.flow.record import Asked
from ivr.past.tellings import Telling
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.tellings import Tellings
from tests.stage import ROOT
from tests.store.given import record


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


def test_how_far_off_waits_were_is_shown_by_desk(tmp_path: Path) -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC).astimezone()

    async def fill() -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
        queue = {"what": "queue", "of": "front_desk", "outcome": "answered", "node": "queue"}
        asked = Asked.model_validate(queue | {"from": 0, "to": 100_000})
        await Calls(database).write(
            record("1.1").model_copy(update={"asked": (asked,), "started": noon})
        )
        await Tellings(database).keep([Telling("1.1", "front_desk", 1, 120.0, 115.0, noon)])
        await database.close()

    asyncio.run(fill())
    shown = CliRunner().invoke(app, ["desks", "wait-error", "--day", f"{noon:%Y-%m-%d}"]).stdout
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines()]
    assert ["front_desk", "1", "1", "20 s", "20 s", "20 s", "15 s", "+20 s", "0%"] in rows
    nothing = CliRunner().invoke(app, ["desks", "wait-error", "--day", "2026-01-01"])
    assert nothing.stdout.strip() == "nobody was told a wait on 2026-01-01"
