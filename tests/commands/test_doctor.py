"""`ivr doctor`, as a person or a program calls it."""

import json
from pathlib import Path

import pytest

from tests.commands.typed import typed
from tests.stage import ROOT


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_ROOT", str(ROOT))
    monkeypatch.setenv("IVR_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "300")


def run(*words: str) -> tuple[int, str]:
    return typed("doctor", *words)


def test_what_is_wrong_is_shown_with_the_command_that_mends_it(tmp_path: Path) -> None:
    code, shown = run("--state-dir", str(tmp_path / "other"))
    assert code == 1
    (line,) = [line for line in shown.splitlines() if "no hotline runs on" in line]
    assert "wrong" in line and f"ivr up --detach --state-dir {tmp_path / 'other'}" in line
    assert " wrong, " in shown.splitlines()[-1]
    assert not (tmp_path / "other").exists()


def test_settings_that_cannot_be_read_are_the_one_thing_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IVR_SIP_PORT", "many")
    code, shown = run("--json")
    assert code == 1
    told = json.loads(shown)
    assert told["ok"] is False
    (only,) = told["findings"]
    assert (only["check"], only["state"]) == ("settings", "wrong")
    assert "IVR_SIP_PORT" in only["words"] and only["mend"] == f"edit {ROOT / 'ivr.yaml'}"
